"""Decides whether two values are equal, with units, percent, degrees and decimals.

An exact reference allows no tolerance. If the reference is a decimal of at least three significant digits, an answer is
equal that rounds to it at its number of decimals, unless the answer is itself a decimal with fewer than three digits
more.
"""

import math
from fractions import Fraction
from functools import reduce

from filters.verifiers.mathematics.exact import close, floating, real
from filters.verifiers.mathematics.free_symbols import POINTS
from filters.verifiers.mathematics.nodes import Node, is_natural, symbols_of, with_parts
from filters.verifiers.mathematics.quantities import TRIGONOMETRIC
from filters.verifiers.mathematics.shapes import Value
from filters.verifiers.mathematics.undecided import NotComputed
from filters.verifiers.mathematics.units import SYMBOLS
from filters.verifiers.mathematics.value import NoValue, same_value, value_of

UNROUNDED_DIGITS = 3
"""Number of digits by which a decimal answer must exceed the reference to count as the same number unrounded."""
FLOAT_DIGITS, FLOAT_ERROR = 15, 1e-14
"""A decimal with so many significant digits is a double that a program printed, and its last digits are noise: the other
side may differ from it by this relative error, unless it is a whole number."""
CONSTANT_GAP = 1e-35
"""Two integrals differ by a constant if their difference varies between points by no more than this share of their
size."""


def equal_values(reference: Value, answer: Value) -> bool:
    """Return True if the answer's value equals the reference's, with its unit or percent sign. Errors: NotComputed."""
    if {reference.unit, answer.unit} == {"cent", "dollar"}:
        reference, answer = (hundredth(value) if value.unit == "cent" else value for value in (reference, answer))
    elif reference.unit and answer.unit and reference.unit != answer.unit:
        return False
    if (reference.percent and (answer.unit or answer.noun)) or (answer.percent and (reference.unit or reference.noun)):
        return False
    candidates = [(reference, answer)]
    for one, other in ((reference, answer), (answer, reference)):
        letters = SYMBOLS.get(one.unit)
        if letters and not other.unit and {*letters} <= symbols_of(other.node):
            times = Value(reduce(times_letter, letters, one.node))
            return equal_numbers(times, other) if one is reference else equal_numbers(other, times)
    if reference.percent != answer.percent:
        candidates.append((hundredth(reference), answer) if reference.percent else (reference, hundredth(answer)))
    if (reference.unit == "degree") != (answer.unit == "degree") and has_pi(reference.node) != has_pi(answer.node):
        candidates.append((in_radians(reference), in_radians(answer)))
    return any(equal_numbers(one, other) for one, other in candidates) or equal_integrals(reference.node, answer.node)


def times_letter(node: Node, letter: str) -> Node:
    return ("*", node, ("sym", letter))


def has_pi(node: Node) -> bool:
    return node == ("sym", "pi") or any(has_pi(part) for part in node[1:] if isinstance(part, tuple))


def in_radians(value: Value) -> Value:
    if value.unit != "degree":
        return value
    return Value(("/", ("*", value.node, ("sym", "pi")), ("num", Fraction(180))))


def hundredth(value: Value) -> Value:
    """Return a percentage or an amount in cents as a plain number."""
    return Value(("/", value.node, ("num", Fraction(100))), value.decimals + 2 if value.decimals is not None else None)


def equal_numbers(reference: Value, answer: Value) -> bool:
    """Compare two values without regard to units, with the tolerance that the module describes. Errors: NotComputed."""
    try:
        if is_residue(answer.node) and not symbols_of(reference.node) and reference.node[:2] != ("fn", "mod"):
            return False  # "5 mod 7" is a class of numbers, "17 mod 5" a computation
        if reference.node[:2] == answer.node[:2] == ("fn", "mod"):
            return same_value(reference.node[3], answer.node[3]) and same_value(reference.node, answer.node)
        if same_value(reference.node, answer.node):
            return True
        if reference.decimals is None or symbols_of(answer.node):
            return is_printed(reference, answer) or otherwise_read(reference.node, answer.node)
        exact = value_of(reference.node)
        if isinstance(exact, Fraction) and exact.denominator == 1:  # 50.0 is how a program prints an integer
            return False
        scale = Fraction(10) ** reference.decimals
        digits = len(str(abs(math.floor(exact * scale))).lstrip("0"))
        difference = abs(real(floating(value_of(answer.node))) - floating(exact))
        shorter = answer.decimals is not None and answer.decimals < reference.decimals + UNROUNDED_DIGITS
        if digits >= FLOAT_DIGITS and difference <= abs(floating(exact)) * FLOAT_ERROR:
            return True
        return digits >= 3 and not shorter and difference * 2 * floating(scale) <= 1
    except NoValue as error:
        raise NotComputed(str(error)) from error
    except (TypeError, ValueError):
        return False


def is_printed(exact: Value, answer: Value) -> bool:
    """Return True if the answer is the exact value as a program prints it, rounded to a double's digits. Errors:
    NoValue."""
    if not answer.decimals or symbols_of(exact.node) or symbols_of(answer.node):
        return False
    found, expected = value_of(answer.node), value_of(exact.node)
    digits = len(str(abs(math.floor(found * Fraction(10) ** answer.decimals))).lstrip("0"))
    if digits < FLOAT_DIGITS or (isinstance(expected, Fraction) and expected.denominator == 1):
        return False
    return bool(abs(floating(found) - floating(expected)) <= abs(floating(expected)) * FLOAT_ERROR)


def is_residue(node: Node) -> bool:
    r"""Return True for `5 \bmod 7`, where nothing is left to be computed."""
    return node[:2] == ("fn", "mod") and all(map(is_natural, node[2:])) and node[2][1] < node[3][1]


def equal_integrals(reference: Node, answer: Node) -> bool:
    """Return True if both end in `+ C` and differ only by a constant."""
    if not all(node[0] == "+" and ("sym", "C") in node for node in (reference, answer)):
        return False
    names = symbols_of(reference)
    if names != symbols_of(answer) or names == {"C"}:
        return False
    try:
        gaps = [floating(value_of(reference, at)) - floating(value_of(answer, at)) for at in range(POINTS)]
        sizes = [abs(floating(value_of(reference, at))) for at in range(POINTS)]
    except NoValue as error:
        raise NotComputed(str(error)) from error
    return all(abs(gap - gaps[0]) <= max(sizes) * CONSTANT_GAP for gap in gaps)


def otherwise_read(reference: Node, answer: Node) -> bool:
    r"""Return True if both are equal when `\log` without a base, which is read as the natural one, has base 10, or
    when the degree sign is ignored."""
    for read in (with_common_logarithm, without_degrees):
        other = [read(node) for node in (reference, answer)]
        if other != [reference, answer] and same_value(other[0], other[1]):
            return True
    return False


def with_common_logarithm(node: Node) -> Node:
    r"""Return the tree with every `\log` without a base read to base 10."""
    if node[:2] == ("fn", "log") and len(node) == 3:
        return ("fn", "lg", with_common_logarithm(node[2]))
    return with_parts(node, with_common_logarithm)


def without_degrees(node: Node) -> Node:
    """Return the tree without degree signs, except in trigonometric functions."""
    if node[:2] == ("fn", "deg"):
        return node[2]
    if node[0] == "fn" and TRIGONOMETRIC.search(node[1]):
        return node
    return with_parts(node, without_degrees)


def proportional(reference: tuple[Node, Node], answer: tuple[Node, Node], positive: bool = False) -> bool:
    """Return True if the two differences left - right differ only by a constant factor, which `positive` requires to
    be positive."""
    if symbols_of(("+", *reference)) != symbols_of(("+", *answer)):
        return False
    try:
        ratios = []
        for point in range(POINTS):
            one, other = (
                floating(value_of(left, point)) - floating(value_of(right, point))
                for left, right in (reference, answer)
            )
            if close(other, Fraction(0)) or close(one, Fraction(0)):
                return False
            ratios.append(one / other)
        return all(close(ratio, ratios[0]) for ratio in ratios) and (not positive or real(ratios[0]) > 0)
    except NoValue as error:
        raise NotComputed(str(error)) from error
