"""The stage that imports solutions whose steps somebody else labelled."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.reward_data import StepSource
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.problems import Problems, problem_ids, source_identity
from records.training_counts import LabelsCounts


@dataclass(frozen=True, kw_only=True)
class ImportLabels(Stage):
    """Makes `steps.parquet` without what a benchmark holds."""

    name: str = "labels"
    version = "1"
    source: StepSource
    held_out: tuple[Problems, ...]

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.held_out

    def settings(self) -> dict[str, Any]:
        return {"source": source_identity(self.source.table()), "form": self.source.form}

    def build(self, folder: Path, *, progress: Report) -> LabelsCounts:
        from student.data.foreign_labels import import_labels
        from student.data.step_labels.registry import FORMS
        from teacher.problems.tables import read_table

        solutions = (one for row in read_table(self.source.table()) for one in FORMS[self.source.form](row))
        return import_labels(folder, solutions, self.source.path, problem_ids(self.held_out))
