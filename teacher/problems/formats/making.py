"""Makes a problem from its parts, as all formats do."""

import re
from typing import Any

from configs.sources import PLACEHOLDER, ProblemFile
from records.hashing import problem_id
from records.rows import Problem
from teacher.problems.tables import as_json, source_name


def make_problem(
    source: ProblemFile, prompt: str, reference: str, extra: dict[str, Any], place: str, question: str = ""
) -> Problem:
    """Return the problem. `question` is the text alone, if the prompt is more than that. Errors: InputError for a value
    that JSON cannot hold."""
    return Problem(
        id=problem_id(prompt),
        prompt=prompt,
        reference=reference,
        verifier=source.verifier,
        source=source_name(source),
        extra=as_json(extra, place) if extra else "",
        question=question if question != prompt else "",
    )


def filled(template: str, values: dict[str, Any]) -> str:
    """Replace each `{name}` that has a value, in one pass, so that braces in the values stay as they are. A list
    becomes lines."""

    def value(found: re.Match[str]) -> str:
        given = values.get(found[1], found[0])
        return "\n".join(map(str, given)) if isinstance(given, list) else str(given).rstrip("\n")

    return PLACEHOLDER.sub(value, template).strip("\n")
