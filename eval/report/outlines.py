"""Reads what the report must know of all judged traces before it chooses some to pack: columns, and no text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from eval.metrics.judged import Codes, as_array, verdicts_of
from eval.metrics.samples import RIGHT
from records.parquet import read_batches

TEXTS = ("prompt", "reference", "reasoning", "answer")
COLUMNS = [*("problem_id", "attempt", "sample_index", "verifier", "completion_tokens", "verdicts"), *TEXTS]
VERDICT_BYTES = 500
"""What a trace's verdicts and other facts take, roughly, beside its texts."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Completion tokens of every judged trace; 0 if not recorded."""

    accepted: list[int]
    rejected: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """All judged traces of one artifact, in the order of its files: one value per trace. Made by `read_outline`."""

    problems: list[str]
    """The ids, in order of appearance."""
    problem: NDArray[np.int32]
    """Position in `problems`."""
    rank: NDArray[np.int64]
    """Place among the traces of the same problem: 0 for the first sample of the first attempt."""
    verdicts: NDArray[np.int8]
    """RIGHT, WRONG or UNKNOWN."""
    reasons: NDArray[np.int32]
    """Position in `reason_names` of the reason of the first filter that failed it, or else could not decide."""
    reason_names: list[str]
    """The reasons, in order of appearance; empty text stands for none."""
    tokens: NDArray[np.int64]
    sizes: NDArray[np.int64]
    """Bytes that its texts take in the page, before compression."""

    def lengths(self) -> Lengths:
        accepted = self.verdicts == RIGHT
        return Lengths(self.tokens[accepted].tolist(), self.tokens[~accepted].tolist())


def read_outline(judged: Path) -> Outline:
    """Read a judged artifact, which may hold no trace. A batch of texts is in memory at a time."""
    problems, reasons = Codes(), Codes()
    parts = [columns_of(batch, problems, reasons) for batch in read_batches(judged, COLUMNS)]
    names = ("problem", "sample", "verdicts", "reasons", "tokens", "sizes")
    whole = {
        name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0, dtype=np.int64) for name in names
    }
    return Outline(
        problems=list(problems.numbers),
        problem=whole["problem"].astype(np.int32),
        rank=ranks(whole["problem"], whole["sample"]),
        verdicts=whole["verdicts"].astype(np.int8),
        reasons=whole["reasons"].astype(np.int32),
        reason_names=list(reasons.numbers),
        tokens=whole["tokens"].astype(np.int64),
        sizes=whole["sizes"].astype(np.int64),
    )


def columns_of(batch: pa.RecordBatch, problems: Codes, reasons: Codes) -> dict[str, NDArray[Any]]:
    attempts, samples = (as_array(batch[name]).astype(np.int64) for name in ("attempt", "sample_index"))
    return {
        "problem": problems.of(batch["problem_id"]),
        "sample": attempts << 32 | samples,
        "verdicts": verdicts_of(batch)[0],
        "reasons": reasons.of(reasons_of(batch["verdicts"])),
        "tokens": as_array(batch["completion_tokens"]),
        "sizes": VERDICT_BYTES + np.sum([as_array(pc.binary_length(batch[name])) for name in TEXTS], axis=0),
    }


def reasons_of(lists: pa.Array) -> pa.Array:
    """Return for each trace the reason of the first filter that failed it, or else could not decide; empty if none."""
    offsets, outcomes = as_array(lists.offsets), lists.values.field("outcome")
    failed = first_true(as_array(pc.equal(outcomes, "fail")), offsets)
    undecided = first_true(as_array(pc.not_equal(outcomes, "pass")), offsets)
    at = np.where(failed >= 0, failed, undecided)
    found = lists.values.field("reason").take(pa.array(np.maximum(at, 0), mask=at < 0))
    return pc.fill_null(found, "")


def first_true(marks: NDArray[np.bool_], offsets: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return where the first true entry of each list is; -1 if a list has none."""
    places = np.flatnonzero(marks)
    following = np.append(places, len(marks))[np.searchsorted(places, offsets[:-1])]
    return np.where(following < offsets[1:], following, -1)


def ranks(problem: NDArray[Any], sample: NDArray[Any]) -> NDArray[np.int64]:
    """Return each trace's place among those of its problem."""
    order = np.lexsort((sample, problem))
    starts = np.flatnonzero(np.diff(problem[order], prepend=-1))
    place = np.arange(len(problem)) - np.repeat(starts, np.diff(np.append(starts, len(problem))))
    found = np.zeros(len(problem), dtype=np.int64)
    found[order] = place
    return found
