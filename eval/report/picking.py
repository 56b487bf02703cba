"""Chooses the traces that a report packs, if there are more than the page can hold."""

import hashlib
from dataclasses import dataclass

import numpy as np

from eval.report.outlines import Outline
from records.parquet import Marks


@dataclass(frozen=True, slots=True)
class Bound:
    """Most traces, and most bytes of their texts before compression, which makes them three to four times smaller."""

    traces: int
    text_bytes: int


EVALUATION = Bound(20_000, 64 << 20)
"""A page with as much takes some 30 MB, which a browser opens in under a second (bench/report.py)."""
TEACHER = Bound(5_000, 16 << 20)


def pick(outlines: list[Outline], wanted: list[list[int]], bound: Bound) -> list[Marks]:
    """Mark the traces to pack, for each outline.

    First come the `wanted` ones, given for each outline by their positions. Then every problem's first sample in all
    outlines, so that they can be set side by side, then every second sample, and so on, until the bound is reached;
    problems are taken in the order of a hash of their ids, which makes them a sample that repeats. What would take a
    sixteenth of the room alone comes last: one endless trace would leave no place for any other.
    """
    if not outlines:
        return []
    names = [outline.problems[at] for outline in outlines for at in outline.problem.tolist()]
    hashes = {name: hashed(name) for name in dict.fromkeys(names)}
    order_of_problem = np.array([hashes[name] for name in names], dtype=np.uint64)
    rank = np.concatenate([outline.rank for outline in outlines])
    sizes = np.concatenate([outline.sizes for outline in outlines])
    ends = np.cumsum([len(outline.problem) for outline in outlines])
    later = np.ones(len(names), dtype=bool)
    for end, outline, positions in zip(ends, outlines, wanted, strict=True):
        later[end - len(outline.problem) + np.array(positions, dtype=np.int64)] = False
    order = np.lexsort((order_of_problem, rank, later, sizes > bound.text_bytes // 16))
    fits = (np.cumsum(sizes[order]) <= bound.text_bytes) & (np.arange(len(order)) < bound.traces)
    marks = np.zeros(len(names), dtype=bool)
    marks[order[: len(order) if fits.all() else int(fits.argmin())]] = True
    return np.split(marks, ends[:-1])


def hashed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])


def one_of_each_reason(outline: Outline) -> list[int]:
    """Return a trace for every reason, and one without, so that a rare reason is there to be read."""
    return np.unique(outline.reasons, return_index=True)[1].tolist()
