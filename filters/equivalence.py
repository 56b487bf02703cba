"""Whether two answers say the same, by shape.

No tolerance where the reference is exact. Where it is a decimal of at least three significant digits, an answer that rounds to it at
its number of decimals is equal, unless the answer is written with fewer digits.
"""

import math
import re
from collections.abc import Sequence
from fractions import Fraction

from filters.answer_shape import (
    BASED,
    BASED_BY_LETTER,
    Based,
    Collection,
    Equation,
    Group,
    Inequality,
    Matrix,
    Meeting,
    Named,
    Ratio,
    Raw,
    Several,
    Shape,
    Union,
    Value,
    TRIGONOMETRIC,
    Words,
    shape_of,
)
from filters.expression import Node
from filters.latex_text import tidy
from filters.units import SYMBOLS
from filters.value import POINTS, NoValue, close, floating, real, same_value, symbols_of, value_of

MAX_ITEMS = 60
UNROUNDED_DIGITS = 3
"""How many more digits than the reference an answer in decimals must have to be taken for the same number unrounded."""
FLOAT_DIGITS, FLOAT_ERROR = 15, 1e-14
CONSTANT_GAP = 1e-35
"""A reference with so many significant digits is a double as a program printed it, its last digits noise."""
IGNORED_WORDS = re.compile(r"\b(?:[Tt]he|an?|is|are)\b|^(?:An?|Is|Are)\b|[^\w\s+-]|_")
"""A capital A inside names something."""


class Undecided(Exception):
    """One side is mathematics outside the grammar."""


class Unreadable(Undecided):
    """The reference is."""


class NotComputed(Undecided):
    """A side has no finite value, or one too large to compute: no other parser should try either."""


def same_answer(reference: str, answer: str) -> bool:
    """Compare two answers as written. Errors: Undecided."""
    ours, theirs = tidy(reference), tidy(answer)
    if not ours or not theirs:
        return False
    if squeezed(ours) == squeezed(theirs):
        return True
    for one, other in ((ours, theirs), (theirs, ours)):
        based = BASED.fullmatch(one) or BASED_BY_LETTER.fullmatch(one)
        if based and based.group(1).upper().lstrip("0") == other.upper().lstrip("0"):
            return True
    return equal(shape_of(ours), shape_of(theirs))


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
        if isinstance(one, Several | Collection) and len(one.items) == 1 and isinstance(other, Value | Words | Group | Raw):
            if one.items[0] == Words("none"):  # the set of the empty set is not empty
                return False
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
            if ours.node and theirs.node and ours.words.islower() and theirs.words.islower() and same_value(ours.node, theirs.node):
                return True
            return fold(ours.words) == fold(theirs.words) != ""
        case (Several() | Collection()), (Several() | Collection()):
            return matched(unique(ours), unique(theirs))
        case (Union() | Several() | Group()), (Union() | Several() | Group()) if is_union(ours) or is_union(theirs):
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
            return ours.sign == theirs.sign and proportional((ours.left, ours.right), (theirs.left, theirs.right), positive=ours.sign != "!=")
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


def is_union(shape: Shape) -> bool:
    """Unions of intervals, written with a cup or with "or"."""
    return isinstance(shape, Union) or (isinstance(shape, Several) and all(isinstance(item, Group) and "infty" in str(item) for item in shape.items))


def met(shape: Shape) -> Shape:
    """Bounds that hold together as the interval they leave."""
    if not isinstance(shape, Meeting) or not all(isinstance(item, Group) for item in shape.items):
        return shape
    intervals = [item for item in shape.items if isinstance(item, Group)]
    try:
        low = max(intervals, key=lambda interval: (ends_of(interval)[0], interval.opening == "("))
        high = min(intervals, key=lambda interval: (ends_of(interval)[1], interval.closing == "]"))
    except (NoValue, TypeError, ValueError):
        return shape
    return Group(low.opening, (low.items[0], high.items[1]), high.closing, True)


def merged(shape: Shape) -> list[Shape] | None:
    """A union's members, intervals that touch made one; None if a member cannot be placed on the line."""
    members = list(shape.items) if isinstance(shape, Union | Several) else [shape]
    intervals = [member for member in members if isinstance(member, Group) and len(member.items) == 2]
    others = [member for member in members if member not in intervals]
    try:
        placed = sorted(((*ends_of(interval), interval) for interval in intervals), key=lambda entry: entry[:2])
    except (NoValue, TypeError, ValueError):
        return members
    joined: list[Group] = []
    for low, _, interval in placed:
        last = joined[-1] if joined else None
        if last and (low < ends_of(last)[1] or (low == ends_of(last)[1] and (last.closing, interval.opening) != (")", "("))):
            longer = max(last, interval, key=lambda group: (ends_of(group)[1], group.closing == "]"))
            joined[-1] = Group(last.opening, (last.items[0], longer.items[1]), longer.closing)
        else:
            joined.append(interval)
    return [*joined, *others]


def ends_of(interval: Group) -> tuple[float, float]:
    low, high = (real(floating(value_of(item.node))) for item in interval.items if isinstance(item, Value))
    return low, high


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


def equal_values(ours: Value, theirs: Value) -> bool:
    if {ours.unit, theirs.unit} == {"cent", "dollar"}:
        ours, theirs = (hundredth(value) if value.unit == "cent" else value for value in (ours, theirs))
    elif ours.unit and theirs.unit and ours.unit != theirs.unit:
        return False
    candidates = [(ours, theirs)]
    for one, other in ((ours, theirs), (theirs, ours)):
        letter = SYMBOLS.get(one.unit)
        if letter and not other.unit and letter in symbols_of(other.node):
            times = Value(("*", one.node, ("sym", letter)))
            return equal_numbers(times, other) if one is ours else equal_numbers(other, times)
    if ours.percent != theirs.percent:
        candidates.append((hundredth(ours), theirs) if ours.percent else (ours, hundredth(theirs)))
    if (ours.unit == "degree") != (theirs.unit == "degree") and has_pi(ours.node) != has_pi(theirs.node):
        candidates.append((in_radians(ours), in_radians(theirs)))
    return any(equal_numbers(one, other) for one, other in candidates) or equal_integrals(ours.node, theirs.node)


def has_pi(node: Node) -> bool:
    return node == ("sym", "pi") or any(has_pi(part) for part in node[1:] if isinstance(part, tuple))


def in_radians(value: Value) -> Value:
    if value.unit != "degree":
        return value
    return Value(("/", ("*", value.node, ("sym", "pi")), ("num", Fraction(180))))


def hundredth(value: Value) -> Value:
    return Value(("/", value.node, ("num", Fraction(100))), value.decimals + 2 if value.decimals is not None else None)


def equal_numbers(ours: Value, theirs: Value) -> bool:
    try:
        if ours.node[:2] == theirs.node[:2] == ("fn", "mod"):
            return all(map(same_value, ours.node[2:], theirs.node[2:]))
        if same_value(ours.node, theirs.node):
            return True
        if ours.decimals is None or symbols_of(theirs.node):
            return otherwise_read(ours.node, theirs.node)
        exact = value_of(ours.node)
        if isinstance(exact, Fraction) and exact.denominator == 1:  # 50.0 is an integer as a program prints it
            return False
        scale = Fraction(10) ** ours.decimals
        digits = len(str(abs(math.floor(exact * scale))).lstrip("0"))
        difference = abs(real(floating(value_of(theirs.node))) - floating(exact))
        shorter = theirs.decimals is not None and theirs.decimals < ours.decimals + UNROUNDED_DIGITS
        if digits >= FLOAT_DIGITS and difference <= abs(floating(exact)) * FLOAT_ERROR:
            return True
        return digits >= 3 and not shorter and difference * 2 * floating(scale) <= 1
    except NoValue as error:
        raise NotComputed(str(error)) from error
    except (TypeError, ValueError):
        return False


def equal_integrals(ours: Node, theirs: Node) -> bool:
    """Whether both end in `+ C` and differ by no more than a constant."""
    if not all(node[0] == "+" and ("sym", "C") in node for node in (ours, theirs)):
        return False
    names = symbols_of(ours)
    if names != symbols_of(theirs) or names == {"C"}:
        return False
    try:
        gaps = [floating(value_of(ours, at)) - floating(value_of(theirs, at)) for at in range(POINTS)]
        sizes = [abs(floating(value_of(ours, at))) for at in range(POINTS)]
    except NoValue as error:
        raise NotComputed(str(error)) from error
    return all(abs(gap - gaps[0]) <= max(sizes) * CONSTANT_GAP for gap in gaps)


def otherwise_read(ours: Node, theirs: Node) -> bool:
    r"""`\log` without a base is the natural one; where that differs, perhaps both mean base 10. Degrees may go unsaid."""
    for read in (with_common_logarithm, without_degrees):
        other = [read(node) for node in (ours, theirs)]
        if other != [ours, theirs] and same_value(other[0], other[1]):
            return True
    return False


def with_common_logarithm(node: Node) -> Node:
    if node[:2] == ("fn", "log") and len(node) == 3:
        return ("fn", "lg", with_common_logarithm(node[2]))
    return tuple(with_common_logarithm(part) if isinstance(part, tuple) else part for part in node)


def without_degrees(node: Node) -> Node:
    if node[:2] == ("fn", "deg"):
        return node[2]
    if node[0] == "fn" and TRIGONOMETRIC.search(node[1]):
        return node
    return tuple(without_degrees(part) if isinstance(part, tuple) else part for part in node)


def proportional(ours: tuple[Node, Node], theirs: tuple[Node, Node], positive: bool = False) -> bool:
    """Whether left - right of both differ by a constant factor only."""
    if symbols_of(("+", *ours)) != symbols_of(("+", *theirs)):
        return False
    try:
        ratios = []
        for point in range(POINTS):
            one, other = (floating(value_of(left, point)) - floating(value_of(right, point)) for left, right in (ours, theirs))
            if close(other, Fraction(0)) or close(one, Fraction(0)):
                return False
            ratios.append(one / other)
        return all(close(ratio, ratios[0]) for ratio in ratios) and (not positive or real(ratios[0]) > 0)
    except NoValue as error:
        raise NotComputed(str(error)) from error


def equal_ratios(ours: Ratio, theirs: Ratio) -> bool:
    """Two that can be times are times: 12:30 is not 6:15."""
    if ours.seconds is not None and theirs.seconds is not None:
        if ours.half and theirs.half:
            return clock(ours) == clock(theirs)
        return ours.seconds == theirs.seconds or (bool(ours.half or theirs.half) and clock(ours) == clock(theirs))
    if len(ours.parts) != len(theirs.parts):
        return False
    try:
        mine, yours = ([value_of(part.node) for part in ratio.parts if isinstance(part, Value)] for ratio in (ours, theirs))
        if len(mine) != len(ours.parts) or len(yours) != len(theirs.parts):
            return in_order(ours.parts, theirs.parts)
        if 0 in mine or 0 in yours:
            return all(map(close, mine, yours))
        return all(close(mine[0] * other, yours[0] * one) for one, other in zip(mine, yours, strict=True))
    except NoValue as error:
        raise NotComputed(str(error)) from error


def clock(ratio: Ratio) -> int:
    """Seconds since midnight."""
    seconds = ratio.seconds or 0
    if ratio.half and 43200 <= seconds < 46800:
        seconds -= 43200
    return seconds + (43200 if ratio.half == "p" else 0)


def ratio_is(ratio: Ratio, value: Value) -> bool:
    """3:4 is three quarters, 2:00 is two o'clock."""
    if len(ratio.parts) != 2 or not all(isinstance(part, Value) for part in ratio.parts):
        return False
    top, bottom = (part.node for part in ratio.parts if isinstance(part, Value))
    if bottom == ("num", Fraction(0)):
        return ratio.seconds is not None and value.node == top
    return not ratio.half and equal_numbers(Value(("/", top, bottom)), value)
