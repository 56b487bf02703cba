"""Lists the forms of step labels by name."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.step_labels import LabelledSolution
from records.tables import Row, read_file
from student.data.step_labels.bigbench_mistake import bigbench_mistake
from student.data.step_labels.math_aps import math_aps
from student.data.step_labels.math_shepherd import math_shepherd
from student.data.step_labels.mr_gsm8k import mr_gsm8k
from student.data.step_labels.prm800k import prm800k
from student.data.step_labels.prmbench import prmbench

MOST_TIMES = 100
"""How many times as long the solutions of a row may be together. Every solution of a tree repeats the steps that it
shares with others; those of PRM800K's rows are a few times as long as the row."""
FORMS: dict[str, Callable[[Row], Iterator[LabelledSolution]]] = {
    "prm800k": prm800k,
    "math_shepherd": math_shepherd,
    "math_aps": math_aps,
    "prmbench": prmbench,
    "mr_gsm8k": mr_gsm8k,
    "bigbench_mistake": bigbench_mistake,
}


def labelled(row: Row, form: str) -> Iterator[LabelledSolution]:
    """Yield the solutions of one row. Errors: InputError for a row that is not of the form, or makes much more of its
    text than it holds."""
    most, told = MOST_TIMES * size_of(row[1]), 0
    for solution in FORMS[form](row):
        told += size_of((solution.problem, *solution.steps))
        if told > most:
            raise InputError(
                f"{row[0]}: its solutions repeat its text more than {MOST_TIMES} times; split it, or remove it"
            )
        yield solution


def size_of(row: Any) -> int:
    """Count the characters and values of a row, nested ones included."""
    size, waiting = 0, [row]
    while waiting:
        value = waiting.pop()
        size += 1 + (len(value) if isinstance(value, str) else 0)
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return size


def read_labelled(path: Path, form: str) -> Iterator[LabelledSolution]:
    """Stream the labelled solutions of a file in one of FORMS. Errors: InputError that names file and row, for a file
    that cannot be read or a row that is not of the form."""
    for row in read_file(path):
        yield from labelled(row, form)
