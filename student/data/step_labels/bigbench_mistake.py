"""Reads BIG-Bench-Mistake (arXiv 2311.08516; WHGTyen/BIG-Bench-Mistake).

    {"input": "((-9 - 5) * 2) =", "steps": ["Let's …", "= -14 * 2", "= 28"], "mistake_index": 2,
     "answer": "28", "target": "-28"}

`mistake_index` counts from 0; null: no step is wrong. What follows the first wrong step is unlabelled.
"""

from collections.abc import Iterator

from records.step_labels import LabelledSolution
from records.tables import Row
from student.data.step_labels.cells import cell, texts, until_first_error


def bigbench_mistake(row: Row) -> Iterator[LabelledSolution]:
    place, cells = row
    steps = texts(cells, "steps", place)
    first = cell(cells, "mistake_index", (int, type(None)), place)
    labels = until_first_error(len(steps), first, place)
    yield LabelledSolution(cell(cells, "input", str, place), steps, labels, "bigbench_mistake")
