"""Reads MR-GSM8K (arXiv 2312.17080; dvlab-research/MR-GSM8K).

    {"question": "Bob is …", "model_output_steps": ["Step 1: …", "Step 2: …"],
     "model_output_solution_correctness": "wrong", "model_output_solution_first_error_step": 1}

The first wrong step counts from 1, and is no number where the solution is right. What follows it is unlabelled.
"""

from collections.abc import Iterator

from records.errors import InputError
from records.step_labels import LabelledSolution
from records.tables import Row, clipped
from student.data.step_labels.cells import cell, texts, until_first_error

GRADE, FIRST = "model_output_solution_correctness", "model_output_solution_first_error_step"


def mr_gsm8k(row: Row) -> Iterator[LabelledSolution]:
    place, cells = row
    steps = texts(cells, "model_output_steps", place)
    grade = cell(cells, GRADE, str, place)
    if grade not in ("wrong", "correct"):
        raise InputError(f"{place}: {GRADE!r} is {clipped(grade)}, neither 'wrong' nor 'correct'; correct the row")
    first = cell(cells, FIRST, int, place) - 1 if grade == "wrong" else None
    labels = until_first_error(len(steps), first, place)
    yield LabelledSolution(cell(cells, "question", str, place), steps, labels, "mr_gsm8k")
