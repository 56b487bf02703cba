"""Decides whether two shapes are equal. Two kinds of shape that no rule pairs are unequal."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeGuard

from filters.verifiers.mathematics.intervals import is_union, merged, met
from filters.verifiers.mathematics.labels import LABEL
from filters.verifiers.mathematics.modifiers import are_opposed
from filters.verifiers.mathematics.numeric import equal_values, proportional
from filters.verifiers.mathematics.ratios import equal_ratios, ratio_is
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
from filters.verifiers.mathematics.undecided import Undecided
from filters.verifiers.mathematics.value import same_value

MAX_ITEMS = 60
# "the mean"
IGNORED_WORDS = re.compile(r"\b(?:[Tt]he|an?|is|are)\b|^(?:An?|Is|Are)\b|[^\w\s+-]|_")
"""A capital A inside a phrase names something and is kept."""
# "\text{area}"
NOT_A_LETTER = re.compile(r"\\text|[^a-z]")
# "f(x)"
FUNCTION = re.compile(r"[a-z]\(x\)")
# "m\angleABC", "\hat{y}"
DECORATED = re.compile(r"m(\\angle[A-Z]{1,3})|\\hat\{?([a-z])\}?")
# "x_1", of several solutions
INDEXED = re.compile(r"([a-z])_\{?[1-9]\}?")
# "area"
LONG_WORD = re.compile(r"[A-Za-z]{4,}")


def equal(reference: Shape, answer: Shape) -> bool:
    """Return True if the answer's shape equals the reference's. Errors: Undecided."""
    if isinstance(reference, Value) and isinstance(answer, Value) and are_opposed(reference.words, answer.words):
        return False
    if reference == answer:
        return True
    if isinstance(reference, Named) or isinstance(answer, Named):
        return equal_named(reference, answer)
    verdict = equal_if_retyped(reference, answer)
    if verdict is not None:
        return verdict
    reference, answer = met(reference), met(answer)
    for side in (reference, answer):
        if isinstance(side, Raw):
            raise Undecided(side.text)
    compare = BY_KINDS.get((type(reference), type(answer)))
    if compare is not None:
        return compare(reference, answer)
    return is_region(reference) and is_region(answer) and equal_regions(reference, answer)


def equal_if_retyped(reference: Shape, answer: Shape) -> bool | None:
    """Return the verdict if one side is only another kind of the other; None if no such rule applies."""
    for one, other in ((reference, answer), (answer, reference)):
        if isinstance(one, Several) and len(one.items) == 1 and isinstance(other, Value | Words | Group | Raw):
            return equal(one.items[0], other) if one is reference else equal(other, one.items[0])
        if is_arrow(one) and not is_arrow(other):  # x \to 3
            return equal(one.items[-1], other) if one is reference else equal(other, one.items[-1])
        if isinstance(one, Words) and one.node and isinstance(other, Value):
            return equal(Value(one.node), other)
        if isinstance(one, Based) and isinstance(other, Words | Raw):
            return one.digits == (other.words if isinstance(other, Words) else other.text).strip().upper()
        if isinstance(one, Based) and isinstance(other, Value):
            return other.node == ("num", Fraction(one.digits)) if one.digits.isdigit() else False
    return None


def is_arrow(shape: Shape) -> TypeGuard[Group]:
    r"""Return True for `p \to q`, which is neither `q \to p` nor, beside another one, its last side alone."""
    return isinstance(shape, Group) and shape.opening == r"\to"


def equal_words(reference: Words, answer: Words) -> bool:
    """Return True for the same words, or, if both are in small letters, for the same product: `ab` is `ba`."""
    are_small = reference.words.islower() and answer.words.islower()
    if are_small and reference.node and answer.node and same_value(reference.node, answer.node):
        return True
    return fold(reference.words) == fold(answer.words) != ""


def fold(words: str) -> str:
    """Return words without case, spaces, punctuation and articles."""
    return "".join(IGNORED_WORDS.sub(" ", words).casefold().split())


def equal_members(reference: Several | Collection, answer: Several | Collection) -> bool:
    expected, found = unique(reference), unique(answer)
    if are_solutions(expected, found) or are_solutions(found, expected):
        expected, found = (
            [item.value if isinstance(item, Named) else item for item in one] for one in (expected, found)
        )
    named = [item for item in expected if isinstance(item, Named) and len(item.name) == 1]
    if len({item.name for item in named}) == len(expected) > 1 and not any(isinstance(item, Named) for item in found):
        orders = named, sorted(named, key=lambda item: item.name)  # `2, 1` is not x = 1, y = 2
        return any(in_order([item.value for item in order], found) for order in orders)
    if len(found) > len(expected) and isinstance(answer, Several) and len(distinct(expected)) == len(expected):
        found = distinct(found)  # an entry that is listed twice
    return matched(expected, found)


def are_solutions(items: Sequence[Shape], indexed: Sequence[Shape]) -> bool:
    """Return True for `x = 1 or x = 2` and `x_1 = 1, x_2 = 2`."""
    letters, names = ({item.name for item in one if isinstance(item, Named)} for one in (items, indexed))
    found = [INDEXED.fullmatch(name) for name in names]
    return len(letters) == 1 and bool(found) and {match and match.group(1) for match in found} == letters


def unique(shape: Several | Collection) -> Sequence[Shape]:
    """Return the members of a set, each once, or the items of a list as they are."""
    return shape.items if isinstance(shape, Several) else distinct(shape.items)


def distinct(items: Sequence[Shape]) -> Sequence[Shape]:
    """Return the items, each once; as they are if they are more than `matched` compares."""
    if len(items) > MAX_ITEMS:
        return items
    found: list[Shape] = []
    for item in items:
        if not any(equal(item, other) and not counts_another(item, other) for other in found):
            found.append(item)
    return found


def matched(reference: Sequence[Shape], answer: Sequence[Shape]) -> bool:
    """Return True if the items are equal one to one, in any order."""
    if len(reference) != len(answer) or len(reference) > MAX_ITEMS:
        return False
    left = list(answer)
    for item in reference:
        for at, other in enumerate(left):
            if equal(item, other) and not counts_another(item, other):
                del left[at]
                break
        else:
            return False
    return True


def counts_another(one: Shape, other: Shape) -> bool:
    """Return True if both count different things: 2 apples and 3 oranges are not 3 apples and 2 oranges."""
    nouns = [shape.noun for shape in (one, other) if isinstance(shape, Value) and shape.noun]
    return len(set(nouns)) == 2


def in_order(reference: Sequence[Shape], answer: Sequence[Shape]) -> bool:
    return len(reference) == len(answer) and all(map(equal, reference, answer))


def is_region(shape: Shape) -> bool:
    """Return True if the shape may stand for a part of the real line."""
    return isinstance(shape, Union | Several | Group)


def equal_regions(reference: Shape, answer: Shape) -> bool:
    """Return True if both are the same union of intervals."""
    if not is_union(reference) and not is_union(answer):
        return False
    expected, found = merged(reference), merged(answer)
    return expected is not None and found is not None and matched(expected, found)


def equal_groups(reference: Group, answer: Group) -> bool:
    """Compare tuples, points and intervals. (1, 2) and [1, 2] are two different intervals; with three items,
    brackets do not matter."""
    same_brackets = (reference.opening, reference.closing) == (answer.opening, answer.closing)
    if not same_brackets and len(reference.items) < 3:
        return False
    return in_order(reference.items, answer.items)


def equal_list_and_group(listed: Several, group: Group) -> bool:
    return equal_regions(listed, group) if is_union(listed) else named_in_order(listed, group)


def named_in_order(listed: Several, group: Group) -> bool:
    """Return True if a list and a group mean the same: `x = 1, y = 2` is the point (1, 2), and a bare list may be a
    tuple."""
    if group.is_interval:
        return False
    items = listed.items
    if all(isinstance(item, Named) and len(item.name) == 1 for item in items):
        items = tuple(sorted(items, key=lambda item: item.name if isinstance(item, Named) else ""))
    values = [item.value if isinstance(item, Named) else item for item in items]
    return group.opening == "(" and group.closing == ")" and in_order(values, group.items)


def equal_matrices(reference: Matrix, answer: Matrix) -> bool:
    return len(reference.rows) == len(answer.rows) and all(map(in_order, reference.rows, answer.rows))


def is_vector(matrix: Matrix, group: Group) -> bool:
    """Return True if a matrix of one row or column holds the items of a tuple."""
    entries = [cell for row in matrix.rows for cell in row]
    return len(entries) == max(len(matrix.rows), len(matrix.rows[0])) and in_order(entries, group.items)


def equal_inequalities(reference: Inequality, answer: Inequality) -> bool:
    return reference.sign == answer.sign and proportional(
        (reference.left, reference.right), (answer.left, answer.right), positive=reference.sign != "!="
    )


def equal_named(reference: Shape, answer: Shape) -> bool:
    """Compare `x = 3` with `x = 3`, with the line it describes, or with the bare 3."""
    if isinstance(reference, Named) and isinstance(answer, Named):
        if same_name(reference.name, answer.name) and equal(reference.value, answer.value):
            return True
        if not reference.equation or not answer.equation:
            return False
        return proportional(reference.equation, answer.equation)
    for one, other in ((reference, answer), (answer, reference)):
        if isinstance(one, Named) and isinstance(other, Equation):
            return one.equation is not None and proportional(one.equation, other.sides)
    if isinstance(reference, Named) and ("+" in reference.name or not is_label(reference.name)):
        return False  # a line, a plane or another equation, not a value
    if isinstance(answer, Named) and answer.name.startswith(r"\in"):
        return False  # whole numbers, where real ones are meant
    expected, found = (shape.value if isinstance(shape, Named) else shape for shape in (reference, answer))
    return equal(expected, found)


def is_label(name: str) -> bool:
    return LABEL.fullmatch(name) is not None or name.startswith(r"\text")


def same_name(one: str, other: str) -> bool:
    r"""Return True if two names can mean the same. Symbols must be equal, but `y` is `f(x)` and `\hat{y}`; words may
    describe what a symbol stands for."""
    one, other = (DECORATED.sub(r"\1\2", name) for name in (one, other))
    if (one == "y" and FUNCTION.fullmatch(other)) or (other == "y" and FUNCTION.fullmatch(one)):
        return True
    words = [NOT_A_LETTER.sub("", name.casefold()) if is_worded(name) else "" for name in (one, other)]
    return one == other or (words[0] in words[1] or words[1] in words[0] if all(words) else any(words))


def is_worded(name: str) -> bool:
    return r"\text" in name or LONG_WORD.fullmatch(name) is not None


BY_KINDS: dict[tuple[type, type], Callable[[Any, Any], bool]] = {
    (Value, Value): equal_values,
    (Words, Words): equal_words,
    (Several, Several): equal_members,
    (Several, Collection): equal_members,
    (Collection, Several): equal_members,
    (Collection, Collection): equal_members,
    (Several, Group): equal_list_and_group,
    (Group, Several): lambda reference, answer: (
        equal_regions(reference, answer) if is_union(answer) else named_in_order(answer, reference)
    ),
    (Group, Group): equal_groups,
    (Matrix, Matrix): equal_matrices,
    (Matrix, Group): is_vector,
    (Group, Matrix): lambda reference, answer: is_vector(answer, reference),
    (Equation, Equation): lambda reference, answer: proportional(reference.sides, answer.sides),
    (Inequality, Inequality): equal_inequalities,
    (Ratio, Ratio): equal_ratios,
    (Ratio, Value): ratio_is,
    (Value, Ratio): lambda reference, answer: ratio_is(answer, reference),
}
"""Maps (kind of the reference, kind of the answer) to the rule that compares them."""
