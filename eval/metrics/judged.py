"""Reads judged traces into `Samples`: each file once, as columns, and of the texts only the answer."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from eval.metrics.readings import Readings
from eval.metrics.samples import NO_ANSWER, RIGHT, UNKNOWN, WRONG, Samples, sorted_samples
from records.errors import InputError
from records.parquet import read_batches
from records.rows import CODE, CUT_OFF, LOOPED, STRICT

COLUMNS = [
    *("problem_id", "attempt", "sample_index", "source", "verifier", "extra"),
    *("answer", "finish_reason", "completion_tokens", "verdicts", "lenient"),
]
"""What is read of a judged trace; `lenient` is there only if answers were read leniently."""
OF_BUDGETS = ["budget", "reasoning_tokens"]
"""What is read as well of traces under thinking budgets."""
LABELS = ("level", "subject", "difficulty")
"""Entries of a problem's `extra` by which problems are scored apart."""
LENIENTLY = "lenient "
"""Begins the names of columns that are read leniently."""
Judged = tuple[NDArray[np.int8], pa.Array, pa.Array]
"""Verdicts, reasons and extracted answers, one per row."""


class Codes:
    """Numbers different texts in order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def of(self, column: pa.Array) -> NDArray[np.int32]:
        encoded = column.dictionary_encode()
        table = [self.numbers.setdefault(text, len(self.numbers)) for text in encoded.dictionary.to_pylist()]
        return np.array(table, dtype=np.int32)[encoded.indices.to_numpy(zero_copy_only=False)]


def read_readings(judged: Path, own: str = STRICT, budget: str | None = None) -> Readings:
    """Read a judged artifact, of a model that is measured by the rule `own`; with `budget` only the traces under this
    thinking budget, whose tokens are then those of the reasoning. Errors: InputError if it holds no trace, one of them
    twice, or no lenient reading although `own` is lenient."""
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
    read = set(parts[0]).intersection(*parts)
    whole = {name: np.concatenate([part[name] for part in parts]) for name in read}
    groups = {name: values for name, values in groups.items() if any(values)}

    def sorted_by(prefix: str) -> Samples:
        answers = whole[f"{prefix}answers"]
        samples, twice = sorted_samples(
            list(problems.numbers),
            whole["problem"],
            whole["sample"],
            verdicts=whole[f"{prefix}verdicts"],
            answers=answers if whole["votes"].any() else None,
            spellings=list(spellings.numbers),
            tokens=whole["tokens"],
            flags={name: whole[name] for name in ("truncated", "looped")} | {"no_answer": whole[f"{prefix}no_answer"]},
            groups=groups,
        )
        if twice:
            name = samples.problems[twice[0]]
            raise InputError(f"{judged}: holds sample {twice[1]} of problem {name} twice; judge it anew")
        return samples

    if f"{LENIENTLY}verdicts" not in whole:
        if own != STRICT:
            raise InputError(f"{judged}: holds no lenient readings; delete it, so that it is judged anew")
        return Readings(sorted_by(""))
    return Readings(sorted_by(""), sorted_by(LENIENTLY), own)


def describe_problem(row: pa.RecordBatch, groups: dict[str, list[str]]) -> None:
    """Append what the first row of a problem says of it."""
    groups["source"].append(row["source"][0].as_py())
    labels = labels_of(row["extra"][0].as_py())
    for name in LABELS:
        groups[name].append(labels.get(name, ""))


def labels_of(extra: str) -> dict[str, str]:
    """Return level, subject and difficulty, where a problem has them; nothing of what is no JSON."""
    try:
        found = json.loads(extra) if any(f'"{name}"' in extra for name in LABELS) else {}
    except (ValueError, RecursionError):
        return {}
    return {name: str(found[name]) for name in LABELS if isinstance(found, dict) and found.get(name) is not None}


def columns_of(batch: pa.RecordBatch, spellings: Codes, tokens: str) -> dict[str, NDArray[Any]]:
    """Return the batch's columns as arrays of one value per row."""
    finish = batch["finish_reason"]
    columns = {
        "sample": as_array(batch["attempt"]).astype(np.int64) << 32 | as_array(batch["sample_index"]).astype(np.int64),
        "tokens": as_array(batch[tokens]).astype(np.float64),
        "truncated": as_array(pc.equal(finish, CUT_OFF)),
        "looped": as_array(pc.equal(finish, LOOPED)),
        "votes": as_array(pc.not_equal(batch["verifier"], CODE)),
    }
    judged = {"": verdicts_of(batch)}
    if batch.schema.get_field_index("lenient") >= 0 and not batch["lenient"].null_count:
        judged[LENIENTLY] = readings_of(batch["lenient"])
    for prefix, (verdicts, reasons, extracted) in judged.items():
        codes = spellings.of(extracted)
        nothing = spellings.numbers.get("", -1)
        columns[f"{prefix}verdicts"] = verdicts
        columns[f"{prefix}answers"] = np.where(codes == nothing, NO_ANSWER, codes)
        columns[f"{prefix}no_answer"] = as_array(pc.or_(pc.equal(batch["answer"], ""), pc.equal(reasons, "no_answer")))
    return columns


def readings_of(column: pa.Array) -> Judged:
    """Return the same as `verdicts_of` for answers that were read leniently."""
    outcomes, reasons, extracted = (column.field(name) for name in ("outcome", "reason", "extracted"))
    right, wrong = as_array(pc.equal(outcomes, "pass")), as_array(pc.equal(outcomes, "fail"))
    verdicts = np.where(right, RIGHT, np.where(wrong, WRONG, UNKNOWN)).astype(np.int8)
    return verdicts, reasons, pc.utf8_trim_whitespace(extracted)


def verdicts_of(batch: pa.RecordBatch) -> Judged:
    """Return each row's verdict over all filters, its last filter's reason, and the answer that its verifier extracted;
    empty if it was not asked or extracts none."""
    lists = batch["verdicts"]
    offsets = as_array(lists.offsets)
    outcomes, reasons, extracted = (lists.values.field(name) for name in ("outcome", "reason", "extracted"))
    passed = counted(as_array(pc.equal(outcomes, "pass")), offsets)
    failed = counted(as_array(pc.equal(outcomes, "fail")), offsets)
    total = np.diff(offsets)
    verdicts = np.where(failed > 0, WRONG, np.where((passed == total) & (total > 0), RIGHT, UNKNOWN)).astype(np.int8)
    last = pa.array(np.where(total > 0, offsets[1:] - 1, 0), mask=total == 0)
    answers = pc.utf8_trim_whitespace(pc.fill_null(extracted.take(last), ""))
    return verdicts, pc.fill_null(reasons.take(last), ""), answers


def counted(column: NDArray[np.bool_], offsets: NDArray[np.int32]) -> NDArray[np.int64]:
    """Count the true entries of each row's list."""
    return np.diff(np.concatenate([[0], np.cumsum(column, dtype=np.int64)])[offsets])


def as_array(column: pa.Array) -> NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))
