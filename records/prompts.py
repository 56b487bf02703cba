"""The problems that a stage of reinforcement learning asks. Written by `filters.selection.curriculum`; read by the
training."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from records.counts import Counts
from records.parquet import read_rows
from records.rows import Problem
from records.schemas import PROBLEM

PROMPTS_FILE = "prompts.parquet"
PROMPTS = PROBLEM.append(pa.field("pass_rate", pa.float64()))
"""A problem's columns, and the teacher's pass rate on it; null where it was not needed or not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsCounts(Counts):
    """Counts of chosen problems. Made by `filters.selection.curriculum`; read by people, in the report's lineage."""

    problems: int
    chosen: int
    left_out: dict[str, int]
    """Problems left out, by reason (`filters.reasons`)."""


def read_prompts(folder: Path) -> Iterator[tuple[Problem, float | None]]:
    """Yield the chosen problems in the run's order, each with the teacher's pass rate."""
    for row in read_rows(folder / PROMPTS_FILE):
        rate = row.pop("pass_rate")
        yield Problem(**row), rate
