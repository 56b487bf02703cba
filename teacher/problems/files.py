"""Problems read from a file or a Hugging Face dataset.

One real row of a GSM8K-like file (`columns: {prompt: question, reference: answer}`):

    {"question": "A robe takes 2 bolts of blue fiber and half that much white fiber. How many …?", "answer": "3"}
"""

from collections.abc import Iterator

from configs.sources import ProblemFile
from records.hashing import problem_id
from records.rows import Problem
from records.tables import text_of
from teacher.problems.tables import extra_of, read_table, reference_of, source_name


def read_file(source: ProblemFile) -> Iterator[Problem]:
    """Yield the problems of a table. Errors: InputError naming file, row and column of an empty or missing cell.

    With `skip_without_reference` a problem may have an empty reference, for the caller to leave out.
    """
    for place, row in read_table(source):
        prompt = text_of(row, source.columns.prompt, place)
        yield Problem(
            id=problem_id(prompt),
            prompt=prompt,
            reference=reference_of(row, source.columns.reference, place, source.skip_without_reference),
            verifier=source.verifier,
            source=source_name(source),
            extra=extra_of(row, source.columns.extra, place),
        )
