"""The stage that chooses some of a benchmark's problems, for the cross-check."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.plan import Stage
from flows.run.progress import Report
from records.counts import ProblemsCounts


@dataclass(frozen=True, kw_only=True)
class ChooseProblems(Stage):
    """Makes `problems.parquet` with problems that are spread evenly over those of a benchmark."""

    version = "1"
    problems: Stage
    count: int

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.problems,)

    def settings(self) -> dict[str, Any]:
        return {"count": self.count}

    def build(self, folder: Path, *, progress: Report) -> ProblemsCounts:
        from records.parquet import read_problems, write_rows
        from records.schemas import PROBLEM

        listed = list(read_problems(self.problems.path))
        count = min(self.count, len(listed))
        chosen = [listed[at * len(listed) // count] for at in range(count)]
        write_rows(folder / "problems.parquet", iter(chosen), PROBLEM)
        return ProblemsCounts(problems=count, repeated=0, in_benchmark=0, without_reference=0)
