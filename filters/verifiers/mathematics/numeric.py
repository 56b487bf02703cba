"""Whether two values are equal, with units, percent, degrees and decimals.

No tolerance where the reference is exact. Where it is a decimal of at least three significant digits, an answer that rounds to it at
its number of decimals is equal, unless the answer is itself a decimal with fewer than three digits more.
"""

import math
from fractions import Fraction

from filters.verifiers.mathematics.exact import close, floating, real
from filters.verifiers.mathematics.nodes import Node, symbols_of, with_parts
from filters.verifiers.mathematics.quantities import TRIGONOMETRIC
from filters.verifiers.mathematics.shapes import Value
from filters.verifiers.mathematics.undecided import NotComputed
from filters.verifiers.mathematics.units import SYMBOLS
from filters.verifiers.mathematics.value import POINTS, NoValue, same_value, value_of

UNROUNDED_DIGITS = 3
"""How many more digits than the reference an answer in decimals must have to be taken for the same number unrounded."""
FLOAT_DIGITS, FLOAT_ERROR = 15, 1e-14
CONSTANT_GAP = 1e-35
"""A reference with so many significant digits is a double as a program printed it, its last digits noise."""


def equal_values(ours: Value, theirs: Value) -> bool:
    if {ours.unit, theirs.unit} == {"cent", "dollar"}:
        ours, theirs = (hundredth(value) if value.unit == "cent" else value for value in (ours, theirs))
    elif ours.unit and theirs.unit and ours.unit != theirs.unit:
        return False
    if (ours.percent and (theirs.unit or theirs.noun)) or (theirs.percent and (ours.unit or ours.noun)):
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
            return same_value(ours.node[3], theirs.node[3]) and same_value(ours.node, theirs.node)
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
    return with_parts(node, with_common_logarithm)


def without_degrees(node: Node) -> Node:
    if node[:2] == ("fn", "deg"):
        return node[2]
    if node[0] == "fn" and TRIGONOMETRIC.search(node[1]):
        return node
    return with_parts(node, without_degrees)


def proportional(ours: tuple[Node, Node], theirs: tuple[Node, Node], positive: bool = False) -> bool:
    """Whether left - right of both differ by a constant factor only."""
    if symbols_of(("+", *ours)) != symbols_of(("+", *theirs)):
        return False
    try:
        ratios = []
        for point in range(POINTS):
            one, other = (
                floating(value_of(left, point)) - floating(value_of(right, point)) for left, right in (ours, theirs)
            )
            if close(other, Fraction(0)) or close(one, Fraction(0)):
                return False
            ratios.append(one / other)
        return all(close(ratio, ratios[0]) for ratio in ratios) and (not positive or real(ratios[0]) > 0)
    except NoValue as error:
        raise NotComputed(str(error)) from error
