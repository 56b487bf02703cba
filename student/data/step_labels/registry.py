"""Lists the forms of step labels by name."""

from collections.abc import Callable, Iterator
from pathlib import Path

from records.step_labels import LabelledSolution
from records.tables import Row, read_file
from student.data.step_labels.bigbench_mistake import bigbench_mistake
from student.data.step_labels.math_aps import math_aps
from student.data.step_labels.math_shepherd import math_shepherd
from student.data.step_labels.mr_gsm8k import mr_gsm8k
from student.data.step_labels.prm800k import prm800k
from student.data.step_labels.prmbench import prmbench

FORMS: dict[str, Callable[[Row], Iterator[LabelledSolution]]] = {
    "prm800k": prm800k,
    "math_shepherd": math_shepherd,
    "math_aps": math_aps,
    "prmbench": prmbench,
    "mr_gsm8k": mr_gsm8k,
    "bigbench_mistake": bigbench_mistake,
}


def read_labelled(path: Path, form: str) -> Iterator[LabelledSolution]:
    """Stream the labelled solutions of a file in one of FORMS. Errors: InputError that names file and row, for a file
    that cannot be read or a row that is not of the form."""
    for row in read_file(path):
        yield from FORMS[form](row)
