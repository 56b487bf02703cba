"""Problems read from a file or a Hugging Face dataset, row by row in the format that the config names."""

from collections.abc import Callable, Iterator
from typing import Any

from configs.sources import ProblemFile
from records.rows import Problem
from teacher.problems.formats.cruxeval import input_problem, output_problem
from teacher.problems.formats.livecodebench import livecodebench_problem
from teacher.problems.formats.plain import plain_problem
from teacher.problems.window import rows_in_window

FORMATS: dict[str, Callable[[ProblemFile, dict[str, Any], str], Problem]] = {
    "plain": plain_problem,
    "livecodebench": livecodebench_problem,
    "cruxeval_output": output_problem,
    "cruxeval_input": input_problem,
}
"""What makes a problem of a row and its place, by the `format` in the config."""


def read_file(source: ProblemFile) -> Iterator[Problem]:
    """Yield the problems of a table. Errors: InputError naming file, row and column of an empty or missing cell.

    With `skip_without_reference` a problem may have an empty reference, for the caller to leave out.
    """
    make = FORMATS[source.format]
    for place, row in rows_in_window(source):
        yield make(source, row, place)
