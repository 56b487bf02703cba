"""Reads judged traces into `Samples`: each file once, as columns, and of the texts only the answer."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from eval.metrics.samples import NO_ANSWER, RIGHT, UNKNOWN, WRONG, Samples, sorted_samples
from records.errors import InputError
from records.parquet import read_batches
from records.rows import CODE, CUT_OFF, LOOPED

COLUMNS = [
    *("problem_id", "attempt", "sample_index", "source", "verifier", "extra"),
    *("answer", "finish_reason", "completion_tokens", "verdicts"),
]
OF_BUDGETS = ["budget", "reasoning_tokens"]
LABELS = ("level", "subject")
"""Entries of a problem's `extra` by which problems are scored apart."""


class Codes:
    """Numbers different texts in order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def of(self, column: pa.Array) -> NDArray[np.int32]:
        encoded = column.dictionary_encode()
        table = [self.numbers.setdefault(text, len(self.numbers)) for text in encoded.dictionary.to_pylist()]
        return np.array(table, dtype=np.int32)[encoded.indices.to_numpy(zero_copy_only=False)]


def read_samples(judged: Path, budget: str | None = None) -> Samples:
    """Read a judged artifact; with `budget` only the traces under this thinking budget, whose tokens are then those of
    the reasoning. Errors: InputError if it holds no trace, or one of them twice."""
    problems, spellings = Codes(), Codes()
    tokens = "completion_tokens" if budget is None else "reasoning_tokens"
    groups: dict[str, list[str]] = {name: [] for name in ("source", *LABELS)}
    parts: list[dict[str, NDArray[Any]]] = []
    for found in read_batches(judged, COLUMNS if budget is None else [*COLUMNS, *OF_BUDGETS]):
        batch = found if budget is None else found.filter(pc.equal(found["budget"], budget))
        known = len(problems.numbers)
        problem = problems.of(batch["problem_id"])
        new, rows = np.unique(problem, return_index=True)
        for first in rows[new >= known].tolist():
            describe_problem(batch.slice(first, 1), groups)
        parts.append({"problem": problem} | columns_of(batch, spellings, tokens))
    if not parts or not problems.numbers:
        raise InputError(f"{judged}: holds no judged trace, so there is nothing to score; check the benchmark's files")
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    samples, twice = sorted_samples(
        list(problems.numbers),
        whole["problem"],
        whole["sample"],
        verdicts=whole["verdicts"],
        answers=whole["answers"] if spellings.numbers.keys() - {""} else None,
        spellings=list(spellings.numbers),
        tokens=whole["tokens"],
        flags={name: whole[name] for name in ("truncated", "no_answer", "looped")},
        groups={name: values for name, values in groups.items() if any(values)},
    )
    if twice:
        name = samples.problems[twice[0]]
        raise InputError(f"{judged}: holds sample {twice[1]} of problem {name} twice; judge it anew")
    return samples


def describe_problem(row: pa.RecordBatch, groups: dict[str, list[str]]) -> None:
    """Append what the first row of a problem says of it."""
    groups["source"].append(row["source"][0].as_py())
    extra = row["extra"][0].as_py()
    found = json.loads(extra) if any(f'"{name}"' in extra for name in LABELS) else {}
    for name in LABELS:
        value = found.get(name) if isinstance(found, dict) else None
        groups[name].append("" if value is None else str(value))


def columns_of(batch: pa.RecordBatch, spellings: Codes, tokens: str) -> dict[str, NDArray[Any]]:
    """Return the batch's columns as arrays of one value per row."""
    verdicts, details = verdicts_of(batch)
    codes = spellings.of(details)
    nothing = spellings.numbers.get("", -1)
    finish = batch["finish_reason"]
    return {
        "sample": as_array(batch["attempt"]).astype(np.int64) << 32 | as_array(batch["sample_index"]).astype(np.int64),
        "verdicts": verdicts,
        "answers": np.where(codes == nothing, NO_ANSWER, codes),
        "tokens": as_array(batch[tokens]).astype(np.float64),
        "truncated": as_array(pc.equal(finish, CUT_OFF)),
        "looped": as_array(pc.equal(finish, LOOPED)),
        "no_answer": as_array(pc.equal(batch["answer"], "")),
    }


def verdicts_of(batch: pa.RecordBatch) -> tuple[NDArray[np.int8], pa.Array]:
    """Return each row's verdict over all filters, and the answer that its verifier extracted; empty if it was not
    asked, or if it ran a program, which is no answer to vote on."""
    lists = batch["verdicts"]
    offsets = as_array(lists.offsets)
    outcomes, filters, details = (lists.values.field(name) for name in ("outcome", "filter", "detail"))
    passed = counted(as_array(pc.equal(outcomes, "pass")), offsets)
    failed = counted(as_array(pc.equal(outcomes, "fail")), offsets)
    total = np.diff(offsets)
    verdicts = np.where(failed > 0, WRONG, np.where((passed == total) & (total > 0), RIGHT, UNKNOWN)).astype(np.int8)
    last = pa.array(np.where(total > 0, offsets[1:] - 1, 0), mask=total == 0)
    verifier = batch["verifier"]
    asked = pc.and_(pc.equal(filters.take(last), verifier), pc.not_equal(verifier, CODE))
    return verdicts, pc.if_else(pc.fill_null(asked, False), pc.utf8_trim_whitespace(details.take(last)), "")


def counted(column: NDArray[np.bool_], offsets: NDArray[np.int32]) -> NDArray[np.int64]:
    """Count the true entries of each row's list."""
    return np.diff(np.concatenate([[0], np.cumsum(column, dtype=np.int64)])[offsets])


def as_array(column: pa.Array) -> NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))
