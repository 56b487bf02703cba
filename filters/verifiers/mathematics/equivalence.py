"""Decides whether two answers, as written, are equivalent. This is the entry point of the package."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from filters.verifiers.mathematics.latex_text import tidy
from filters.verifiers.mathematics.numerals import BASED, BASED_BY_LETTER
from filters.verifiers.mathematics.reading import shape_of
from filters.verifiers.mathematics.relations import rounded_side
from filters.verifiers.mathematics.shape_equality import equal
from filters.verifiers.mathematics.shapes import Collection, Named, Raw, Shape, Value, Words
from filters.verifiers.mathematics.value import NoValue, same_value

CACHED = 2048
"""Number of answers kept in their read form: a problem's traces share its reference, and often their answers."""
# "\text{A}F_{16}"
DIGIT_IN_TEXT = re.compile(r"\\text\{([A-F])\}(?=[\dA-F]*_)")
# "\text{cm}"
TEXT_GROUP = re.compile(r"\\text\{([^{}]*)\}")
# "{\pi}"
BRACED_ONE = re.compile(r"\{(\w|\\[A-Za-z]+)\s?\}")
# "\pi "
COMMAND_AND_SPACE = re.compile(r"(\\[A-Za-z]+)\s*")
# "3,14"
DECIMAL_COMMA = re.compile(
    r"(-?(?:0|[1-9]\d{0,2}(?:\.\d{3})*|[1-9]\d*)),((?!\d{3}(?!\d))\d{1,9}|(?<=^0,)\d{3}|(?<=^-0,)\d{3})(\s?%|\s\\text\{[^{}]*\})?"
)
# "3.14 %"
POINTED = re.compile(r"-?\d{0,9}\.\d{1,9}(?:\s?%|\s\\text\{[^{}]*\})?")
"""A number with a point, the only kind that a reference such as `3,14`, which may be a list, is compared with."""
# "2 + 3"
IDLE_SPACE = re.compile(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])")


def same_answer(reference: str, answer: str) -> bool:
    """Return True if two answers, as written, are equivalent. Errors: Undecided."""
    reference, answer = spelled(reference), spelled(answer)
    if not reference or not answer:
        return False
    if squeezed(reference) == squeezed(answer):
        return True
    for one, other in ((reference, answer), (answer, reference)):
        based = BASED.fullmatch(one) or BASED_BY_LETTER.fullmatch(one)
        if based and based.group(1).upper().lstrip("0") == other.upper().lstrip("0"):
            return True
    if (decimal := with_decimal_point(answer)) and "," not in reference and same_answer(reference, decimal):
        return True
    if POINTED.fullmatch(answer) and (decimal := with_decimal_point(reference)) and same_answer(decimal, answer):
        return True
    expected, found = read(reference), read(answer)
    if isinstance(expected, Collection) != isinstance(found, Collection):  # \{3\} for the only solution 3
        expected, found = only_member(expected), only_member(found)
    if equal(expected, found):
        return True
    # A value and the decimal to which it is rounded there are one answer.
    rounded, given = rounded_in(answer, found), rounded_in(reference, expected)
    return (rounded is not None and same_answer(reference, rounded)) or (
        given is not None and same_answer(given, answer)
    )


def rounded_in(text: str, shape: Shape) -> str | None:
    """Return what the only value of a text is rounded to in it; None if it is not."""
    return rounded_side(text) if isinstance(shape, Value | Named) else None


def with_decimal_point(text: str) -> str | None:
    """Return `3,14` and `1.234,5` with a point; None for what may be anything else, such as `3,141` and `3, 14`."""
    match = DECIMAL_COMMA.fullmatch(text)
    return f"{match.group(1).replace('.', '')}.{match.group(2)}{match.group(3) or ''}" if match else None


@lru_cache(CACHED)
def spelled(text: str) -> str:
    r"""Return the text in one spelling; `\text{A}F_{16}` gets bare digits."""
    return DIGIT_IN_TEXT.sub(r"\1", tidy(text))


@lru_cache(CACHED)
def read(text: str) -> Shape:
    return shape_of(text)


def is_decidable(text: str) -> bool:
    """Return True if the grammar covers a text and every expression in it can be computed: then it is the other side's
    fault that the two cannot be compared."""
    try:
        return all(not isinstance(part, Raw) and same_value(part, part) for part in parts_of(read(spelled(text))))
    except NoValue:
        return False


def parts_of(part: object) -> Iterator[Any]:
    """Yield the expressions of a shape, and what in it could not be read."""
    if isinstance(part, Raw) or (isinstance(part, tuple) and part and isinstance(part[0], str)):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from parts_of(one)
    elif is_dataclass(part):
        for each in fields(part):
            yield from parts_of(getattr(part, each.name))


def only_member(shape: Shape) -> Shape:
    """Return the member of a set that has just one; any other shape as it is. The set that contains the empty set is
    not empty."""
    if not isinstance(shape, Collection) or len(shape.items) != 1 or shape.items[0] == Words("none"):
        return shape
    return shape.items[0]


def squeezed(text: str) -> str:
    r"""Remove what never carries meaning: spaces that separate no words or numbers, braces around one thing,
    `\text`."""
    text = TEXT_GROUP.sub(r" \1 ", BRACED_ONE.sub(r"\1 ", text))
    text = COMMAND_AND_SPACE.sub(r"\1 ", re.sub(r"\s+", " ", text))
    return IDLE_SPACE.sub("", text)
