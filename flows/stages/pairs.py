"""The stages that make the replies that an outcome reward model is trained on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.reward_data import PairSource
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.imported import ImportTable
from flows.stages.judge import Judge
from flows.stages.problems import problem_ids
from records.training_counts import PairsCounts


@dataclass(frozen=True, kw_only=True)
class SelectPairs(Stage):
    """Makes `replies.parquet` from the run's judged traces, and `pairs.parquet` of accepted and rejected ones."""

    name: str = "pairs"
    version = "1"
    judged: Judge
    single: bool
    """True if each reply is right or wrong by itself; then there are no pairs."""
    most: int
    """Most pairs of one problem, or replies of either kind."""
    seed: int

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.judged,)

    def settings(self) -> dict[str, Any]:
        return {"single": self.single, "most": self.most, "seed": self.seed}

    def build(self, folder: Path, *, progress: Report) -> PairsCounts:
        from filters.selection.pairs import select_pairs

        return select_pairs(folder, self.judged.path, single=self.single, most=self.most, seed=self.seed)


@dataclass(frozen=True, kw_only=True)
class ImportPairs(ImportTable):
    """Makes the same from a table of better and worse replies, without what a benchmark holds."""

    name: str = "pairs-imported"
    version = "2"
    source: PairSource

    def build(self, folder: Path, *, progress: Report) -> PairsCounts:
        from student.data.foreign_pairs import import_pairs
        from teacher.problems.tables import read_table, source_name

        table = self.source.table()
        excluded = problem_ids(self.held_out)
        return import_pairs(folder, read_table(table), self.source.columns, source_name(table), excluded)
