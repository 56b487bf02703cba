"""Reads a table of verdicts into `Samples`, in one pass and a few bytes per row."""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from eval.metrics.estimate import Estimate, not_computed
from eval.metrics.samples import NO_ANSWER, RIGHT, WRONG, Samples, sorted_samples
from eval.verdict_table.cells import MOST_COUNTED, count_of, flag_of, number_of, shown, text_of, verdict_of
from eval.verdict_table.columns import Columns
from eval.verdict_table.rows import table_rows
from records.errors import InputError
from records.letters import check_letters

FLAGS = ("truncated", "looped")
NUMBERS = ("score", "tokens")
METRICS_OF = {"score": "best_of@k", "tokens": "tokens"}
NAMES = 1 << 62
"""Samples that have names in place of numbers are numbered as they come, below all numbers: a tie of votes goes to the
answer drawn first."""
JOINT = " / "
"""Stands between the parts of a problem's name that several columns make up."""


@dataclass(frozen=True, slots=True)
class VerdictTable:
    """A table as it was read. Made by `read_table`; read by the command."""

    samples: Samples
    notes: list[Estimate]
    """Metrics that cannot be computed from it, and why."""
    runtimes: frozenset[str]


@dataclass(slots=True)
class Builder:
    """Collects the rows of a table, column by column."""

    columns: Columns
    in_order: bool
    codes: dict[str, int] = field(default_factory=dict)
    """Position of every problem, in order of appearance."""
    groups: dict[str, list[str]] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)
    runtimes: set[str] = field(default_factory=set)
    problem: "array[int]" = field(default_factory=lambda: array("i"))
    sample: "array[int]" = field(default_factory=lambda: array("q"))
    verdicts: "array[int]" = field(default_factory=lambda: array("b"))
    answers: "array[int]" = field(default_factory=lambda: array("i"))
    spellings: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, "array[float]"] = field(default_factory=lambda: {name: array("d") for name in NUMBERS})
    flags: dict[str, "array[int]"] = field(default_factory=lambda: {name: array("b") for name in FLAGS})
    sample_names: dict[str, int] = field(default_factory=dict)
    drawn: "array[int]" = field(default_factory=lambda: array("i"))
    """Samples so far of each problem."""

    def add(self, row: dict[str, Any], place: str) -> None:
        """Add the samples of a row. Errors: InputError for a cell that cannot be read."""
        problem = self.problem_of(row, place)
        if self.columns.total and len(self.verdicts) > MOST_COUNTED:
            raise InputError(f"{place}: counts stand for more than {MOST_COUNTED:,} samples; score a part of the table")
        if row[self.columns.correct] == []:
            raise InputError(f"{place}: column {self.columns.correct!r} lists no sample; remove the row")
        for cells in expanded(row, self.columns, place):
            self.problem.append(problem)
            self.sample.append(self.sample_of(cells, problem, place))
            self.drawn[problem] += 1
            self.verdicts.append(verdict_of(cells[self.columns.correct], self.columns.correct, place))
            for name in NUMBERS:
                if (column := self.columns.optional[name]) in cells:
                    self.numbers[name].append(number_of(cells[column], column, place))
            for name in FLAGS:
                if (column := self.columns.optional[name]) in cells:
                    self.flags[name].append(flag_of(cells[column], column, place))
            if (column := self.columns.optional["answer"]) in cells:
                text = text_of(cells[column], column, place)
                self.answers.append(self.spellings.setdefault(text, len(self.spellings)) if text else NO_ANSWER)

    def problem_of(self, row: dict[str, Any], place: str) -> int:
        """Return the row's problem, with what the table says of it. Errors: InputError if two of its rows differ."""
        parts = [text_of(row[column], column, place) for column in self.columns.problem]
        if not all(parts):
            raise InputError(f"{place}: column {self.columns.problem[parts.index('')]!r} is empty; name the problem")
        name = JOINT.join(parts)
        found = self.codes.setdefault(name, len(self.codes))
        is_new = found == len(self.drawn)
        if is_new:
            self.drawn.append(0)
            if (column := self.columns.optional["reference"]) in row:
                self.references.append(text_of(row[column], column, place))
        for column in self.columns.groups:
            value = text_of(row[column], column, place)
            values = self.groups.setdefault(column, [])
            if is_new:
                values.append(value)
            elif values[found] != value:
                raise InputError(
                    f"{place}: column {column!r} is {shown(value)}, but {shown(values[found])} in an earlier row of "
                    f"problem {shown(name)}; problems are grouped by what holds for all their samples"
                )
        if (column := self.columns.optional["runtime"]) in row:
            self.runtimes.add(text_of(row[column], column, place))
        return found

    def sample_of(self, cells: dict[str, Any], problem: int, place: str) -> int:
        """Return a sample's number: its own, or its place among the problem's samples if it has none."""
        column = self.columns.optional["sample"]
        if self.in_order or column not in cells:
            if self.drawn[problem] and not self.in_order and "" not in cells:
                raise InputError(
                    f"{place}: the second row of problem {shown(list(self.codes)[problem])}, but there is no column "
                    f"{column!r}; name it with --sample-column, or number the samples as they come with --in-order"
                )
            return self.drawn[problem]
        name = text_of(cells[column], column, place)
        if name.isdecimal() and len(name) < 18:
            return int(name)
        return self.sample_names.setdefault(name, len(self.sample_names)) - NAMES


def expanded(row: dict[str, Any], columns: Columns, place: str) -> Iterator[dict[str, Any]]:
    """Yield the samples of a row: itself, one for each element of its lists, or as many as `total` says."""
    verdicts = row[columns.correct]
    if columns.total:
        right, total = count_of(verdicts, columns.correct, place), count_of(row[columns.total], columns.total, place)
        if right > total or not total:
            raise InputError(f"{place}: column {columns.correct!r} is {right} of {total} samples; correct the row")
        for at in range(total):
            yield {columns.correct: RIGHT if at < right else WRONG, "": at}
    elif isinstance(verdicts, list):
        names = [name for name in columns.optional.values() if isinstance(row.get(name), list)]
        if odd := [name for name in names if len(row[name]) != len(verdicts)]:
            raise InputError(
                f"{place}: column {columns.correct!r} lists {len(verdicts)} samples, column {odd[0]!r} lists "
                f"{len(row[odd[0]])}; give both the same length"
            )
        for at, verdict in enumerate(verdicts):
            yield {name: row[name][at] for name in names} | {columns.correct: verdict, "": at}
    else:
        yield row


def read_table(path: Path, columns: Columns, *, key: str | None = None, in_order: bool = False) -> VerdictTable:
    """Read a table of verdicts.

    Errors: InputError for an empty or unreadable file, a missing column, a cell that is no verdict or number, a sample
    that occurs twice, and references that are nearly all the same letter.
    """
    builder = Builder(columns, in_order)
    n_rows = 0
    for place, row in table_rows(path, columns, key):
        n_rows += 1
        if all(str(row[name]) == value for name, value in columns.where):
            builder.add(row, place)
    if not builder.verdicts:
        raise InputError(f"{path}: has no rows" + (f" that meet the condition, of {n_rows}" if n_rows else ""))
    check_letters(builder.references, str(path))
    return finished(builder, path)


def finished(builder: Builder, path: Path) -> VerdictTable:
    n = len(builder.verdicts)
    notes = []
    numbers = {}
    for name, column in builder.numbers.items():
        absent = n - len(column) + sum(map(math.isnan, column))
        numbers[name] = None if absent else np.frombuffer(column, dtype=np.float64)
        if 0 < absent < n or (name in builder.columns.required and absent):
            reason = f"{absent:,} of {n:,} samples have none in column {builder.columns.optional[name]!r}"
            notes.append(not_computed(METRICS_OF[name], reason))
    flags = {
        name: np.frombuffer(column, dtype=np.int8) == 1 for name, column in builder.flags.items() if len(column) == n
    }
    answers = np.frombuffer(builder.answers, dtype=np.int32) if len(builder.answers) == n else None
    if answers is not None:
        flags["no_answer"] = answers == NO_ANSWER
    samples, twice = sorted_samples(
        list(builder.codes),
        np.frombuffer(builder.problem, dtype=np.int32),
        np.frombuffer(builder.sample, dtype=np.int64),
        verdicts=np.frombuffer(builder.verdicts, dtype=np.int8),
        answers=answers,
        spellings=list(builder.spellings),
        scores=numbers["score"],
        tokens=numbers["tokens"],
        flags=flags,
        groups=builder.groups,
    )
    if twice:
        sample = twice[1] if twice[1] >= 0 else list(builder.sample_names)[twice[1] + NAMES]
        raise InputError(
            f"{path}: problem {shown(samples.problems[twice[0]])} has two samples {shown(sample)}; remove one, or name "
            "more columns with --problem-column or --sample-column"
        )
    return VerdictTable(samples, notes, frozenset(builder.runtimes))
