r"""Reads phrases that are answers by themselves: no solution, the real numbers or a part of them, a duration, a transposed
vector."""

import itertools
import re
from fractions import Fraction

from filters.verifiers.mathematics.brackets import split_top
from filters.verifiers.mathematics.shapes import (
    INFINITY,
    MINUS_INFINITY,
    Group,
    Reader,
    Shape,
    Union,
    Value,
    Words,
    number,
)
from filters.verifiers.mathematics.value import NoValue, value_of

# "2 hours and 30 minutes"
DURATION = re.compile(r"\s*(\d{1,4})\s?h(?:ours?|rs?)?,?\s+(?:and\s+)?(\d{1,2})\s?min(?:utes?|s)?\s*")
# "\mathbb{R}\setminus\{0\}"
WITHOUT = re.compile(
    r"\\mathbb\{R\}\s?(?:\\setminus|-|\\cr)\s?\\\{(.*)\\\}|(?:\\text\{)?\s*all real numbers (?:except"
    r"|but)(?: for)?\s*\}?\s*(.*)"
)
# "(1, 2)^T"
TRANSPOSED = re.compile(r"(\(.*\)|\[.*\])\s?\^\s?\{?(?:T|\\top)\s?\}?")
# "all real numbers"
EVERYTHING = re.compile(
    r"(?:\\text\{)?\s*(?:the set of )?all real(?:s| numbers)(?: [a-z])?\s*\}?|\\mathbb\s?\{?R\}?|\\R|\\Re",
    re.IGNORECASE,
)
# "no real solutions"
NOTHING = re.compile(
    r"(?i)\\emptyset|\\\{\s?\\\}|(?:the )?(?:empty|null) set|no (?:real |such |valid |integer |positive )*(?:solutions?|answers?|values?|roots?)(?: exists?)?"
    r"|none|does not exist|dne|there (?:is|are) (?:no|none).*"
)
COMMA = re.compile(",")
# "\text{no}"
TEXT_ALONE = re.compile(r"\\text\{([^{}]*)\}")
POSITIVE_REALS = {r"\mathbb{R}^+", r"\mathbb{R}^{+}", r"\mathbb{R}_+", r"\mathbb{R}_{+}"}


def known_phrase(text: str, read_part: Reader) -> Shape | None:
    """Read a known phrase: no solution, the real numbers or a part of them, a duration, a transposed vector."""
    if NOTHING.fullmatch(text):
        return Words("none")
    if duration := DURATION.fullmatch(TEXT_ALONE.sub(r"\1", text)):
        hours, minutes = duration.groups()
        return Value(("num", Fraction(60 * int(hours) + int(minutes))), None, "minute")
    if without := WITHOUT.fullmatch(text):
        return without_holes([read_part(hole) for hole in split_top(without.group(1) or without.group(2), COMMA)])
    if text in POSITIVE_REALS:
        return Group("(", (number(0), INFINITY), ")")
    if transposed := TRANSPOSED.fullmatch(text):
        return read_part(transposed.group(1))
    if EVERYTHING.fullmatch(text):
        return Group("(", (MINUS_INFINITY, INFINITY), ")")
    return None


def without_holes(holes: list[Shape]) -> Shape:
    """Return the real line without some points."""
    edges: list[Shape] = [MINUS_INFINITY, *sorted(holes, key=position_of), INFINITY]
    return Union(tuple(Group("(", (low, high), ")") for low, high in itertools.pairwise(edges)))


def position_of(hole: Shape) -> float:
    try:
        return float(value_of(hole.node)) if isinstance(hole, Value) else 0.0
    except (NoValue, TypeError, ValueError):
        return 0.0
