"""Makers of judged traces, and what the selection keeps of them."""

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

from conftest import make_trace

from configs.selection import Selection
from filters.counting.pass_rates import PassRate, accepted_share
from filters.selection.dataset import select_traces
from records.counts import SelectionCounts
from records.parquet import read_rows, write_rows
from records.rows import Trace, Verdict
from records.schemas import TRACE


def text_of(seed: int, words: int = 400) -> str:
    draw = random.Random(seed)
    return " ".join(f"word{draw.randrange(5000)}" for _ in range(words))


def same_number(one: str, other: str) -> bool:
    return Fraction(one) == Fraction(other)


def trace(prompt: str, index: int, reasoning: str, outcome: str = "pass", extracted: str = "4", **more: Any) -> Trace:
    reason = {"pass": "", "fail": "wrong_answer", "unknown": "unverifiable"}[outcome]
    verdicts = [Verdict("answer_format", "1", "pass"), Verdict("math", "1", outcome, reason, extracted=extracted)]
    return make_trace(prompt=prompt, sample_index=index, reasoning=reasoning, verdicts=verdicts, **more)


def select(
    folder: Path, traces: list[Trace], pass_rate: PassRate = accepted_share, **config: Any
) -> tuple[SelectionCounts, list[tuple[str, int]]]:
    """Counts, and (prompt, sample index) of the rows."""
    write_rows(folder / "judged.parquet", traces, TRACE)
    judged, turns = folder / "judged.parquet", lambda prompt: [{"role": "user", "content": prompt}]
    counts = select_traces(folder, judged, Selection(**config), turns, same_number, pass_rate)
    rows = [(row["messages"][0]["content"], row["sample_index"]) for row in read_rows(folder / "data")]
    assert counts.selected == len(rows)
    return counts, rows
