r"""Reads Math-Shepherd (arXiv 2312.08935; peiyi9979/Math-Shepherd).

    {"input": "Janet pays … a year? Step 1: Janet … ки\nStep 2: She … ки",
     "label": "Janet pays … a year? Step 1: Janet … +\nStep 2: She … -", "task": "GSM8K"}

The tag `ки` ends each step of the input; the label has `+` (some rollout from there reached the reference) or `-` in
its place. Each step was rolled out by itself, so a `+` may follow a `-`.
"""

from collections.abc import Iterator

from records.errors import InputError
from records.step_labels import LabelledSolution
from records.tables import Row
from student.data.step_labels.cells import cell

TAG, FIRST_STEP = "ки", "Step 1:"
VALUES = {"+": 1.0, "-": 0.0}


def math_shepherd(row: Row) -> Iterator[LabelledSolution]:
    place, cells = row
    text, labelled = cell(cells, "input", str, place), cell(cells, "label", str, place)
    pieces = text.split(TAG)
    problem, found, first = pieces[0].partition(FIRST_STEP)
    if not found or pieces[-1].strip():
        raise InputError(f"{place}: 'input' must hold {FIRST_STEP!r} and end each step in {TAG!r}; correct the row")
    labels, at = [], 0
    for piece in pieces[:-1]:
        value = VALUES.get(labelled[at + len(piece) : at + len(piece) + 1])
        if value is None or not labelled.startswith(piece, at):
            raise InputError(f"{place}: 'label' must be 'input' with + or - for each {TAG!r}; correct the row")
        labels.append(value)
        at += len(piece) + 1
    steps = (found + first, *pieces[1:-1])
    task = cell(cells, "task", str, place).lower()
    yield LabelledSolution(
        problem.strip(), tuple(step.strip() for step in steps), tuple(labels), f"math_shepherd/{task}"
    )
