"""Whether two answers say the same, by shape."""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from filters.verifiers.mathematics.intervals import is_union, merged, met
from filters.verifiers.mathematics.latex_text import tidy
from filters.verifiers.mathematics.numeric import equal_values, proportional
from filters.verifiers.mathematics.quantities import BASED, BASED_BY_LETTER
from filters.verifiers.mathematics.ratios import equal_ratios, ratio_is
from filters.verifiers.mathematics.reading import shape_of
from filters.verifiers.mathematics.shapes import (
    Based,
    Collection,
    Equation,
    Group,
    Inequality,
    Matrix,
    Named,
    Ratio,
    Raw,
    Several,
    Shape,
    Union,
    Value,
    Words,
)
from filters.verifiers.mathematics.undecided import Undecided, Unreadable
from filters.verifiers.mathematics.value import same_value

MAX_ITEMS = 60
CACHED = 2048
"""Answers kept as read: a problem's traces share its reference, and often their answers."""
DIGIT_IN_TEXT = re.compile(r"\\text\{([A-F])\}(?=[\dA-F]*_)")
IGNORED_WORDS = re.compile(r"\b(?:[Tt]he|an?|is|are)\b|^(?:An?|Is|Are)\b|[^\w\s+-]|_")
"""A capital A inside names something."""


def same_answer(reference: str, answer: str) -> bool:
    """Compare two answers as written. Errors: Undecided."""
    ours, theirs = spelled(reference), spelled(answer)
    if not ours or not theirs:
        return False
    if squeezed(ours) == squeezed(theirs):
        return True
    for one, other in ((ours, theirs), (theirs, ours)):
        based = BASED.fullmatch(one) or BASED_BY_LETTER.fullmatch(one)
        if based and based.group(1).upper().lstrip("0") == other.upper().lstrip("0"):
            return True
    mine, yours = read(ours), read(theirs)
    if isinstance(mine, Collection) != isinstance(yours, Collection):  # \{3\} for the only solution 3
        mine, yours = only_member(mine), only_member(yours)
    return equal(mine, yours)


@lru_cache(CACHED)
def spelled(text: str) -> str:
    return DIGIT_IN_TEXT.sub(r"\1", tidy(text))


@lru_cache(CACHED)
def read(text: str) -> Shape:
    return shape_of(text)


def only_member(shape: Shape) -> Shape:
    """Of a set with one; the set of the empty set is not empty."""
    if not isinstance(shape, Collection) or len(shape.items) != 1 or shape.items[0] == Words("none"):
        return shape
    return shape.items[0]


def squeezed(text: str) -> str:
    """Without what says nothing anywhere: spaces that part no words or numbers, braces around one thing, `\\text`."""
    text = re.sub(r"\\text\{([^{}]*)\}", r" \1 ", re.sub(r"\{(\w|\\[A-Za-z]+)\s?\}", r"\1 ", text))
    text = re.sub(r"(\\[A-Za-z]+)\s*", r"\1 ", re.sub(r"\s+", " ", text))
    return re.sub(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])", "", text)


def equal(ours: Shape, theirs: Shape) -> bool:
    """`ours` is the reference. Errors: Undecided."""
    if ours == theirs:
        return True
    if isinstance(ours, Named) or isinstance(theirs, Named):
        return equal_named(ours, theirs)
    for one, other in ((ours, theirs), (theirs, ours)):
        if isinstance(one, Several) and len(one.items) == 1 and isinstance(other, Value | Words | Group | Raw):
            return equal(one.items[0], other) if one is ours else equal(other, one.items[0])
        if isinstance(one, Words) and one.node and isinstance(other, Value):
            return equal(Value(one.node), other)
        if isinstance(one, Based) and isinstance(other, Words | Raw):
            return one.digits == (other.words if isinstance(other, Words) else other.text).strip().upper()
        if isinstance(one, Based) and isinstance(other, Value):
            return other.node == ("num", Fraction(one.digits)) if one.digits.isdigit() else False
    ours, theirs = met(ours), met(theirs)
    match ours, theirs:
        case Raw(), _:
            raise Unreadable(ours.text)
        case _, Raw():
            raise Undecided(theirs.text)
        case Value(), Value():
            return equal_values(ours, theirs)
        case Words(), Words():
            if (
                ours.node
                and theirs.node
                and ours.words.islower()
                and theirs.words.islower()
                and same_value(ours.node, theirs.node)
            ):
                return True
            return fold(ours.words) == fold(theirs.words) != ""
        case ((Several() | Collection()), (Several() | Collection())):
            return matched(unique(ours), unique(theirs))
        case ((Union() | Several() | Group()), (Union() | Several() | Group())) if is_union(ours) or is_union(theirs):
            mine, yours = merged(ours), merged(theirs)
            return mine is not None and yours is not None and matched(mine, yours)
        case Group(), Group():
            return equal_groups(ours, theirs)
        case Several(), Group():
            return named_in_order(ours, theirs)
        case Group(), Several():
            return named_in_order(theirs, ours)
        case Matrix(), Matrix():
            return len(ours.rows) == len(theirs.rows) and all(map(in_order, ours.rows, theirs.rows))
        case Matrix(), Group():
            return is_vector(ours, theirs)
        case Group(), Matrix():
            return is_vector(theirs, ours)
        case Equation(), Equation():
            return proportional(ours.sides, theirs.sides)
        case Inequality(), Inequality():
            return ours.sign == theirs.sign and proportional(
                (ours.left, ours.right), (theirs.left, theirs.right), positive=ours.sign != "!="
            )
        case Based(), Based():
            return False
        case Ratio(), Ratio():
            return equal_ratios(ours, theirs)
        case Ratio(), Value():
            return ratio_is(ours, theirs)
        case Value(), Ratio():
            return ratio_is(theirs, ours)
    return False


def fold(words: str) -> str:
    return "".join(IGNORED_WORDS.sub(" ", words).casefold().split())


def unique(shape: Several | Collection) -> Sequence[Shape]:
    """A set's members, each once."""
    if isinstance(shape, Several):
        return shape.items
    found: list[Shape] = []
    for item in shape.items[:MAX_ITEMS]:
        if not any(equal(item, other) for other in found):
            found.append(item)
    return found


def matched(ours: Sequence[Shape], theirs: Sequence[Shape]) -> bool:
    """One to one, in any order."""
    if len(ours) != len(theirs) or len(ours) > MAX_ITEMS:
        return False
    left = list(theirs)
    for item in ours:
        for at, other in enumerate(left):
            if equal(item, other) and not counts_another(item, other):
                del left[at]
                break
        else:
            return False
    return True


def counts_another(ours: Shape, theirs: Shape) -> bool:
    """2 apples and 3 oranges are not 3 apples and 2 oranges."""
    nouns = [shape.noun for shape in (ours, theirs) if isinstance(shape, Value) and shape.noun]
    return len(set(nouns)) == 2


def in_order(ours: Sequence[Shape], theirs: Sequence[Shape]) -> bool:
    return len(ours) == len(theirs) and all(map(equal, ours, theirs))


def equal_groups(ours: Group, theirs: Group) -> bool:
    same_brackets = (ours.opening, ours.closing) == (theirs.opening, theirs.closing)
    if not same_brackets and len(ours.items) < 3:  # (1, 2) and [1, 2] are two intervals
        return False
    return in_order(ours.items, theirs.items)


def named_in_order(named: Several, group: Group) -> bool:
    """`x = 1, y = 2` for the point (1, 2), or a bare list for a tuple."""
    if group.is_interval:
        return False
    items = named.items
    if all(isinstance(item, Named) and len(item.name) == 1 for item in items):
        items = tuple(sorted(items, key=lambda item: item.name if isinstance(item, Named) else ""))
    values = [item.value if isinstance(item, Named) else item for item in items]
    return group.opening == "(" and group.closing == ")" and in_order(values, group.items)


def is_vector(matrix: Matrix, group: Group) -> bool:
    entries = [cell for row in matrix.rows for cell in row]
    return len(entries) == max(len(matrix.rows), len(matrix.rows[0])) and in_order(entries, group.items)


def equal_named(ours: Shape, theirs: Shape) -> bool:
    if isinstance(ours, Named) and isinstance(theirs, Named):
        if same_name(ours.name, theirs.name) and equal(ours.value, theirs.value):
            return True
        return bool(ours.equation and theirs.equation) and proportional(ours.equation, theirs.equation)  # type: ignore[arg-type]
    for one, other in ((ours, theirs), (theirs, ours)):
        if isinstance(one, Named) and isinstance(other, Equation):
            return bool(one.equation) and proportional(one.equation, other.sides)  # type: ignore[arg-type]
    if isinstance(ours, Named) and "+" in ours.name:  # a line or a plane, and no value
        return False
    plain = [shape.value if isinstance(shape, Named) else shape for shape in (ours, theirs)]
    return equal(plain[0], plain[1])


def same_name(ours: str, theirs: str) -> bool:
    """Symbols must be the same; words name what a symbol may stand for."""
    words = [re.sub(r"\\text|[^a-z]", "", name.casefold()) if is_worded(name) else "" for name in (ours, theirs)]
    return ours == theirs or (words[0] in words[1] or words[1] in words[0] if all(words) else any(words))


def is_worded(name: str) -> bool:
    return r"\text" in name or bool(re.fullmatch(r"[A-Za-z]{4,}", name))
