"""Decides whether two answers, as written, are equivalent. This is the entry point of the package."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from filters.verifiers.mathematics.compound_units import is_plain_number, unit_apart
from filters.verifiers.mathematics.latex_text import tidy
from filters.verifiers.mathematics.notations import integer_renamed
from filters.verifiers.mathematics.numerals import BASED, BASED_BY_LETTER
from filters.verifiers.mathematics.reading import shape_of
from filters.verifiers.mathematics.relations import rounded_side
from filters.verifiers.mathematics.shape_equality import equal
from filters.verifiers.mathematics.shapes import Collection, Named, Raw, Shape, Value, Words
from filters.verifiers.mathematics.undecided import Undecided
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
# "3,14", "1.234,5", "1 234,567"
DECIMAL_COMMA = re.compile(
    r"(?<![\w.,])(?:(0|[1-9]\d{0,2}(?:(?:\.\d{3}){1,9}|(?: \d{3}){1,9})),(\d{1,9})"
    r"|([1-9]\d{0,99}),(?!\d{3}(?!\d))(\d{1,9}))(?![\d,]|\.\d)"
)
# "(2,5)"
ENCLOSING = re.compile(r"[(\[]|\\(?:\{|langle|begin)")
# "1,5; 2,5"
APART = re.compile(r";|\\text\{\s*(?:und|et|and|y|e|и)\s*\}")
"""What stands between decimals with commas, where there are several or where brackets are around them."""
# "1.5"
A_POINT = re.compile(r"\d\.\d")
# "3.14 %", "x = 3.14 \text{ m}"
POINTED = re.compile(r"(?:[A-Za-z]\s?=\s?|\\approx\s?)?-?\d{0,9}\.\d{1,9}(?:\s?[%€£]|\s?\\text\{[^{}]*\})?")
"""A number with a point, the only kind that a reference such as `3,14`, which may be a list, is compared with."""
# "2 + 3"
IDLE_SPACE = re.compile(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])")


def same_answer(reference: str, answer: str) -> bool:
    """Return True if two answers, as written, are equivalent. Errors: Undecided."""
    reference, answer = spelled(reference), integer_renamed(spelled(answer), answer, reference)
    if not reference or not answer:
        return False
    if squeezed(reference) == squeezed(answer):
        return True
    for one, other in ((reference, answer), (answer, reference)):
        based = BASED.fullmatch(one) or BASED_BY_LETTER.fullmatch(one)
        if based and based.group(1).upper().lstrip("0") == other.upper().lstrip("0"):
            return True
    if same_with_point(reference, answer) or same_beside_units(reference, answer):
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


def same_with_point(reference: str, answer: str) -> bool:
    """Return True if both are equal once one side's commas are read as decimal points."""
    expected, found = with_decimal_point(reference), with_decimal_point(answer)
    try:
        if found and ("," not in reference or (APART.search(answer) and A_POINT.search(reference))):
            return same_answer(reference, found)
        return expected is not None and POINTED.fullmatch(answer) is not None and same_answer(expected, answer)
    except Undecided:  # the commas may still have another meaning
        return False


def same_beside_units(reference: str, answer: str) -> bool:
    """Return True for equal numbers with one compound unit, or with such a unit on one side only."""
    expected, found = unit_apart(reference), unit_apart(answer)
    if expected and found:
        fits = expected[1] == found[1]
    elif expected or found:
        fits = is_plain_number(answer if expected else reference)
    else:
        return False
    try:
        return fits and same_answer(expected[0] if expected else reference, found[0] if found else answer)
    except Undecided:
        return False


def with_decimal_point(text: str) -> str | None:
    r"""Return a text with points in place of decimal commas, `x = 3,14 \text{ m}` and `1.234,5 €`; None where a comma
    may be anything else, as in `3,141`, `3, 14` and the pair `(3,14)`."""
    if "," not in text:
        return None
    pointed, found = DECIMAL_COMMA.subn(with_point, text)
    is_apart = APART.search(text) is not None
    if not found or "," in pointed or ((found > 1 or ENCLOSING.search(text)) and not is_apart):
        return None
    return pointed


def with_point(match: re.Match[str]) -> str:
    whole, decimals = (match.group(1) or match.group(3)), (match.group(2) or match.group(4))
    return f"{whole.replace('.', '').replace(' ', '')}.{decimals}"


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
    text = spelled(text)
    apart = unit_apart(text)
    try:
        return all(
            not isinstance(part, Raw) and same_value(part, part) for part in parts_of(read(apart[0] if apart else text))
        )
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
