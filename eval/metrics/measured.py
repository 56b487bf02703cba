"""Sums up judged traces by problem, which is all that metrics need. Of the texts only the answers are read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.parquet import read_rows
from records.rows import CUT_OFF, is_accepted

COLUMNS = ["problem_id", "source", "answer", "finish_reason", "completion_tokens", "verdicts"]

MEASURES: dict[str, Callable[[dict[str, Any]], float]] = {
    "pass@1": lambda row: float(is_accepted(verdict["outcome"] for verdict in row["verdicts"])),
    "truncated": lambda row: float(row["finish_reason"] == CUT_OFF),
    "no_answer": lambda row: float(not row["answer"]),
    "completion_tokens": lambda row: float(row["completion_tokens"]),
}
"""Functions that return a metric's value for one judged trace, a row with the COLUMNS."""


@dataclass(slots=True)
class ProblemSums:
    """Sums over the samples of one problem."""

    source: str
    samples: int = 0
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0.0))
    """Sum of the values, by metric."""

    def mean(self, metric: str) -> float:
        return self.sums[metric] / self.samples


Measured = dict[str, ProblemSums]
"""The judged samples of one variant on one benchmark, by problem id in order of appearance."""


def measure(judged: Path) -> Measured:
    """Sum up a judged artifact, which is streamed once. Errors: InputError if it holds no trace."""
    measured: Measured = {}
    for row in read_measured_columns(judged):
        problem = measured.setdefault(row["problem_id"], ProblemSums(row["source"]))
        problem.samples += 1
        for metric, value_of in MEASURES.items():
            problem.sums[metric] += value_of(row)
    if not measured:
        raise InputError(f"{judged}: holds no judged trace, so there is nothing to score; check the benchmark's files")
    return measured


def read_measured_columns(judged: Path) -> Iterator[dict[str, Any]]:
    return read_rows(judged, COLUMNS)
