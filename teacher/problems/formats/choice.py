"""Multiple-choice problems whose options are shown in an order that is shuffled by a seed.

One made-up row in the form of GPQA (CC BY 4.0, Idavidrein/gpqa, whose authors ask that no question be shown):

    {"Question": "Which of these …?", "Correct Answer": "Mars", "Incorrect Answer 1": "Venus",
     "Incorrect Answer 2": "Mercury", "Incorrect Answer 3": "Jupiter", "High-level domain": "Physics", …}
"""

import hashlib
from typing import Any

from configs.options import Options
from configs.sources import ProblemFile
from records.errors import InputError
from records.rows import Problem
from records.tables import text_of
from teacher.problems.formats.making import filled, make_problem

LETTERS = "ABCDEFGHIJ"
TEMPLATE = """{problem}

{options}

Exactly one option is right. Answer with its letter."""


def choice_problem(
    source: ProblemFile,
    options: Options,
    row: dict[str, Any],
    place: str,
    question: str,
    reference: str,
    extra: dict[str, Any],
) -> Problem:
    """Return the problem with lettered options and the right one's letter as its reference.

    `extra` gets `options`, letter to text, and `permutation`, for each letter the position of its option in the table.
    Errors: InputError for missing or too few options, and a reference that names none of them.
    """
    texts = option_texts(options, row, place)
    right = right_option(source, options, texts, reference, place) if reference.strip() else None
    order = shuffled(texts, question, options.seed) if options.shuffle else list(range(len(texts)))
    lettered = {letter: texts[at] for letter, at in zip(LETTERS, order, strict=False)}
    lines = [f"{letter}) {text}" for letter, text in lettered.items()]
    prompt = filled(source.template or TEMPLATE, {**extra, "problem": question, "options": lines})
    letter = LETTERS[order.index(right)] if right is not None else ""
    return make_problem(
        source, prompt, letter, {**extra, "options": lettered, "permutation": order}, place, question=question
    )


def option_texts(options: Options, row: dict[str, Any], place: str) -> list[str]:
    """Return the texts in the order of the table."""
    if isinstance(options.columns, str):
        value = row.get(options.columns)
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            raise InputError(
                f"{place}: column {options.columns!r} must be a list of texts; set options.columns in the config, to "
                "several columns if each holds one option"
            )
        texts = [text.strip() for text in value]
    else:
        texts = [text_of(row, column, place).strip() for column in options.columns]
    if not 2 <= len(texts) <= len(LETTERS):
        raise InputError(f"{place}: has {len(texts)} options; from 2 to {len(LETTERS)} can be shown")
    return texts


def right_option(source: ProblemFile, options: Options, texts: list[str], reference: str, place: str) -> int:
    """Return the position of the right option in the table."""
    column, given = source.columns.reference, reference.strip()
    if options.reference == "text":
        if isinstance(options.columns, list) and column in options.columns:
            return options.columns.index(str(column))
        found = [at for at, text in enumerate(texts) if text == given]
    elif options.reference == "letter":
        found = [at for at in range(len(texts)) if LETTERS[at] == given.upper()]
    else:
        found = [at for at in range(len(texts)) if str(at) == given]
    if len(found) != 1:
        raise InputError(
            f"{place}: column {column!r} is {given[:80]!r}, which as {options.reference} names {len(found)} of the "
            f"{len(texts)} options; correct the row, or options.reference in the config"
        )
    return found[0]


def shuffled(texts: list[str], question: str, seed: int) -> list[int]:
    """Return the positions of the options in the order of a hash of seed, question and text: no other problem, and no
    order of the columns, has a part in it."""

    def key(at: int) -> bytes:
        return hashlib.sha256(f"{seed}\n{question}\n{texts[at]}".encode()).digest()

    return sorted(range(len(texts)), key=key)
