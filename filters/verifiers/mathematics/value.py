"""Values of parsed expressions: exact where they are rational, else to 50 digits, with free symbols at fixed points.

Two expressions that agree to 40 digits at several such points are equal but for a vanishing chance (Schwartz 1980), and
ones that differ are unequal for certain. Sizes are bounded before anything is computed, so no value can blow up.
"""

from collections.abc import Callable
from fractions import Fraction

import mpmath

from filters.verifiers.mathematics.exact import AGREEING, AGREEING_FAR, Number, close, combine, context, power
from filters.verifiers.mathematics.functions import FUNCTIONS
from filters.verifiers.mathematics.nodes import Node, calls_of, symbols_of, with_parts

POINTS, NEAR_POINTS = 5, 3
"""Where free symbols are tried: the first within 3 of zero, the others in the thousands, so that `|x-100|` and rounding show."""
CONSTANTS: dict[str, Callable[[], Number]] = {
    "pi": lambda: +context.pi,
    "e": lambda: +context.e,
    "i": lambda: context.mpc(0, 1),
    "infty": lambda: context.inf,
}


class NoValue(ValueError):
    """The expression has no finite value here, or one too large to compute."""


def value_of(node: Node, point: int = 0) -> Number:
    """The value with free symbols at the numbered point. Errors: NoValue."""
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


def same_value(ours: Node, theirs: Node) -> bool:
    """Equal at every point. Errors: NoValue."""
    names = symbols_of(ours) | symbols_of(theirs)
    if names >= {"c", "C"} and names & {"x", "t"} and symbols_of(ours) != symbols_of(theirs):
        ours, theirs = with_great_constant(ours), with_great_constant(theirs)  # ce^x and Ce^x
    if calls_of(ours) & calls_of(theirs):
        ours, theirs = applied(ours), applied(theirs)
    return all(alike(ours, theirs, point) for point in range(POINTS if names else 1))


def with_great_constant(node: Node) -> Node:
    """The constant of integration is written small or great."""
    if node == ("sym", "c"):
        return ("sym", "C")
    return with_parts(node, with_great_constant)


def alike(ours: Node, theirs: Node, point: int) -> bool:
    """Far points count only where there is a value: powers of large numbers soon have none."""
    try:
        return close(value_of(ours, point), value_of(theirs, point), AGREEING if point < NEAR_POINTS else AGREEING_FAR)
    except NoValue:
        if point < NEAR_POINTS:
            raise
        return True


def applied(node: Node) -> Node:
    """The same with `f(x)` as a value of a function, not a product."""
    parts = with_parts(node, applied)
    return ("fn", "unknown", ("sym", parts[1]), parts[2]) if parts[0] == "call" else parts


def free_symbol(name: str, point: int) -> Number:
    """A fixed number with no structure: positive at the first points, negative at the last."""
    seed = sum((at + 1) * ord(character) * 7919 for at, character in enumerate(name)) % 99991
    value = Fraction(2 * seed + 10007 * (point + 1) + 1, 99991 - 1237 * point)
    return (value, value, -value, 1009 * value, -2003 * value)[point]


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
