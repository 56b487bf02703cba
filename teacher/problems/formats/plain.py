"""Problems whose columns the config names.

One real row of GSM8K (MIT, openai/grade-school-math; `columns: {prompt: question}`, `reference_after: "####"`):

    {"question": "A robe takes 2 bolts of blue fiber and half that much white fiber. How many …?",
     "answer": "It takes 2/2=<<2/2=1>>1 bolt of white fiber\\nSo the total …\\n#### 3"}
"""

from typing import Any

from configs.sources import ProblemFile
from records.errors import InputError
from records.rows import Problem
from records.tables import text_of
from teacher.problems.formats.choice import choice_problem
from teacher.problems.formats.making import filled, make_problem
from teacher.problems.tables import extra_values, reference_of


def plain_problem(source: ProblemFile, row: dict[str, Any], place: str) -> Problem:
    """Return the problem of a row. Errors: InputError naming place and column of an empty or missing cell."""
    columns = source.columns
    question = text_of(row, columns.prompt, place)
    extra = extra_values(row, columns.extra, place)
    reference = reference_of(row, columns.reference, place, source.skip_without_reference)
    if source.reference_after and reference.strip():
        reference = part_after(reference, source.reference_after, str(columns.reference), place)
    if source.options:
        return choice_problem(source, source.options, row, place, question, reference, extra)
    prompt = filled(source.template, {**extra, "problem": question}) if source.template else question
    return make_problem(source, prompt, reference, extra, place, question)


def part_after(text: str, mark: str, column: str, place: str) -> str:
    """Return what follows the last mark. Errors: InputError if there is none, or nothing follows."""
    _, found, after = text.rpartition(mark)
    if not found or not after.strip():
        raise InputError(
            f"{place}: column {column!r} has nothing after {mark!r}, where reference_after looks; correct the row"
        )
    return after.strip()
