"""Computes parsed expressions: exactly if they are rational, else to 50 digits, with free symbols at fixed points.

Two expressions that agree to 40 digits at several such points are equal except with vanishing probability (Schwartz
1980), and ones that differ are unequal for certain. Sizes are bounded before anything is computed, so no value can blow
up.
"""

from collections.abc import Callable
from fractions import Fraction

import mpmath

from filters.verifiers.mathematics.exact import AGREEING, AGREEING_FAR, Number, close, combine, context, floating, power
from filters.verifiers.mathematics.free_symbols import NEAR_POINTS, POINTS, SIGN_POINTS, STEP_POINTS, free_symbol
from filters.verifiers.mathematics.functions import FUNCTIONS
from filters.verifiers.mathematics.nodes import Node, are_factors, calls_of, symbols_of, with_parts

ENOUGH_DIGITS, MOST_DIGITS = 20, 500
"""Digits of a number beside which 50 digits show every other term, and the most that are computed for."""
CONSTANTS: dict[str, Callable[[], Number]] = {
    "pi": lambda: +context.pi,
    "e": lambda: +context.e,
    "i": lambda: context.mpc(0, 1),
    "infty": lambda: context.inf,
}


class NoValue(ValueError):
    """The expression has no finite value at this point, or one too large to compute."""


def value_of(node: Node, point: int = 0) -> Number:
    """Return the value with free symbols at the numbered point. Errors: NoValue."""
    try:
        return evaluate(node, point)
    except (
        ZeroDivisionError,
        OverflowError,
        ValueError,
        RecursionError,
        TypeError,
        mpmath.libmp.NoConvergence,
    ) as error:
        raise NoValue(type(error).__name__) from error


def same_value(left: Node, right: Node) -> bool:
    """Return True if both have the same value at every point. Errors: NoValue."""
    names = symbols_of(left) | symbols_of(right)
    if names >= {"c", "C"} and names & {"x", "t"} and symbols_of(left) != symbols_of(right):
        left, right = with_great_constant(left), with_great_constant(right)  # ce^x and Ce^x
    if calls_of(left) & calls_of(right) and not (are_factors(left) and are_factors(right)):
        left, right = applied(left), applied(right)
    if names and any(holds(node, ("floor", "ceil")) for node in (left, right)):
        return same_steps(left, right)
    if len(names) > 1 and any(holds(node, ("abs", "max", "min")) for node in (left, right)):
        return alike_everywhere(left, right, names) and same_for_any_signs(left, right)
    return alike_everywhere(left, right, names)


def alike_everywhere(left: Node, right: Node, names: set[str]) -> bool:
    points = range(POINTS if names else 1)
    return all(alike(left, right, point) for point in points) and is_certain(left, right, names)


def holds(node: Node, functions: tuple[str, ...]) -> bool:
    """Return True if one of the functions is in a tree."""
    is_one = node[0] == "fn" and node[1] in functions
    return is_one or any(holds(part, functions) for part in node[1:] if isinstance(part, tuple))


def same_for_any_signs(left: Node, right: Node) -> bool:
    """Return True if no real values differ where some names are positive and others negative, as those of `|ab|` and
    `ab` do."""
    for point in SIGN_POINTS:
        try:
            values = value_of(left, point), value_of(right, point)
        except NoValue:
            continue
        if not any(isinstance(value, context.mpc) for value in values) and not close(*values, AGREEING_FAR):
            return False
    return True


def same_steps(left: Node, right: Node) -> bool:
    """Return True if both have the same value wherever both have one: a complex number is not rounded, as it would be
    in `\\lfloor\\sqrt{n-1}\\rfloor` for a small `n`. Errors: NoValue if there is none."""
    compared = 0
    for point in range(STEP_POINTS):
        try:
            values = value_of(left, point), value_of(right, point)
        except NoValue:
            continue
        if not close(*values, AGREEING if point < NEAR_POINTS else AGREEING_FAR):
            return False
        compared += 1
    if not compared:
        raise NoValue("no value at any point")
    return True


def is_certain(left: Node, right: Node, names: set[str]) -> bool:
    r"""Return True if two values that agree to 40 digits still do with more digits than their largest number has, as
    `10^{60}\pi` and `10^{60}\pi + 1` do not. Errors: NoValue if that would take too many."""
    if not names and all(isinstance(value_of(node), Fraction) for node in (left, right)):
        return True
    digits = max(largest_digits(left), largest_digits(right))
    if digits <= ENOUGH_DIGITS:
        return True
    if digits > MOST_DIGITS:
        raise NoValue("numbers too large to tell them apart")
    with context.workdps(context.dps + 2 * digits):
        return all(
            close(value_of(left, point), value_of(right, point), AGREEING + digits)
            for point in range(NEAR_POINTS if names else 1)
        )


def largest_digits(node: Node) -> int:
    """Return the digits before the point of the largest number, power or factorial in a tree."""
    largest = max((largest_digits(part) for part in node[1:] if isinstance(part, tuple)), default=0)
    if node[0] not in ("num", "^", "fn"):
        return largest
    try:
        size = abs(floating(value_of(node)))
        return max(largest, int(context.log10(size)) + 1 if context.isfinite(size) and size > 1 else 0)
    except NoValue:
        return largest


def with_great_constant(node: Node) -> Node:
    """Write the constant of integration, which may be small or capital, as a capital."""
    if node == ("sym", "c"):
        return ("sym", "C")
    return with_parts(node, with_great_constant)


def alike(left: Node, right: Node, point: int) -> bool:
    """Return True if both are equal at one point. Far points count only if both sides have a value there: powers of
    large numbers often have none."""
    try:
        return close(value_of(left, point), value_of(right, point), AGREEING if point < NEAR_POINTS else AGREEING_FAR)
    except NoValue:
        if point < NEAR_POINTS:
            raise
        return True


def applied(node: Node) -> Node:
    """Return the tree with `f(x)` as the value of a function, not as a product."""
    parts = with_parts(node, applied)
    return ("fn", "unknown", ("sym", parts[1]), parts[2]) if parts[0] == "call" else parts


def evaluate(node: Node, point: int) -> Number:
    kind = node[0]
    if kind == "num":
        return node[1]
    if kind == "sym":
        return CONSTANTS[node[1]]() if node[1] in CONSTANTS else free_symbol(node[1], point)
    parts = [evaluate(part, point) for part in node[1:] if isinstance(part, tuple)]
    if kind == "+":
        total = parts[0]
        for part in parts[1:]:
            total = combine(total, part, lambda a, b: a + b)
        return total
    if kind == "call":
        return combine(free_symbol(node[1], point), parts[0], lambda a, b: a * b)
    if kind == "neg":
        return -parts[0]
    if kind == "*":
        return combine(parts[0], parts[1], lambda a, b: a * b)
    if kind == "/":
        if parts[1] == 0:
            raise ZeroDivisionError
        return combine(parts[0], parts[1], lambda a, b: a / b)
    if kind == "^":
        return power(parts[0], parts[1])
    return FUNCTIONS[node[1]](*parts)
