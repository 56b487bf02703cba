"""Reads PRMBench (arXiv 2501.03124; ssmisya/PRMBench).

    {"question": "Three pencils …", "modified_question": "Three pencils …", "classification": "circular",
     "modified_process": ["1. Let's …", "2. …"], "error_steps": [2], "original_process": ["1. Let's …", …]}

`error_steps` counts from 1 and names every wrong step, so all others, those after it included, are right. Some numbers
lie beyond the last step (21 of 718 rows of part 1): they mark nothing, and a solution of which all do is unlabelled.
Each row gives two solutions, the modified one and the right one that it was made from.
"""

from collections.abc import Iterator

from records.errors import InputError
from records.step_labels import LabelledSolution
from records.tables import Row
from student.data.step_labels.cells import cell, texts


def prmbench(row: Row) -> Iterator[LabelledSolution]:
    place, cells = row
    steps, original = texts(cells, "modified_process", place), texts(cells, "original_process", place)
    wrong = cell(cells, "error_steps", list, place)
    if not all(type(number) is int and number > 0 for number in wrong):
        raise InputError(f"{place}: 'error_steps' must be a list of step numbers from 1; correct the row")
    numbers = set(wrong)
    labels: tuple[float | None, ...] = tuple(0.0 if number in numbers else 1.0 for number in range(1, len(steps) + 1))
    if wrong and min(wrong) > len(steps):
        labels = (None,) * len(steps)
    question = cell(cells, "modified_question", str, place)
    yield LabelledSolution(question, steps, labels, f"prmbench/{cell(cells, 'classification', str, place)}")
    question = cell(cells, "original_question", str, place)
    yield LabelledSolution(question, original, (1.0,) * len(original), "prmbench/original")
