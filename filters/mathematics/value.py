"""Values of parsed expressions: exact where they are rational, else to 50 digits, with free symbols at fixed points.

Two expressions that agree to 40 digits at several such points are equal but for a vanishing chance (Schwartz 1980), and
ones that differ are unequal for certain. Sizes are bounded before anything is computed, so no value can blow up.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath

from filters.mathematics.expression import Node

Number = Any
"""Fraction, mpf or mpc."""

DIGITS, AGREEING, AGREEING_FAR = 50, 40, 15
"""Far from zero sums lose digits: `1 + 2/x^4 - 1`."""
MAX_BITS, MAX_INTEGER_BITS = 40_000, 700_000
"""Of an exact fraction and of an exact integer; beyond, values are floating point of 50 digits."""
MAX_EXPONENT = 100_000
POINTS, NEAR_POINTS = 5, 3
"""Where free symbols are tried: the first within 3 of zero, the others in the thousands, so that `|x-100|` and rounding show."""

context = mpmath.mp.clone()
context.dps = DIGITS


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


def symbols_of(node: Node) -> set[str]:
    if node[0] == "sym":
        return set() if node[1] in CONSTANTS else {node[1]}
    if node[0] == "call":
        return {node[1], *symbols_of(node[2])}
    return {name for part in node[1:] if isinstance(part, tuple) for name in symbols_of(part)}


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
    return tuple(with_great_constant(part) if isinstance(part, tuple) else part for part in node)


def alike(ours: Node, theirs: Node, point: int) -> bool:
    """Far points count only where there is a value: powers of large numbers soon have none."""
    try:
        return close(value_of(ours, point), value_of(theirs, point), AGREEING if point < NEAR_POINTS else AGREEING_FAR)
    except NoValue:
        if point < NEAR_POINTS:
            raise
        return True


def calls_of(node: Node) -> set[str]:
    own = {node[1]} if node[0] == "call" else set()
    return own | {name for part in node[1:] if isinstance(part, tuple) for name in calls_of(part)}


def applied(node: Node) -> Node:
    """The same with `f(x)` as a value of a function, not a product."""
    parts = tuple(applied(part) if isinstance(part, tuple) else part for part in node)
    return ("fn", "unknown", ("sym", parts[1]), parts[2]) if parts[0] == "call" else parts


def close(ours: Number, theirs: Number, digits: int = AGREEING) -> bool:
    """Exact for two rationals, else to so many of the 50 digits."""
    if isinstance(ours, Fraction) and isinstance(theirs, Fraction):
        return ours == theirs
    ours, theirs = floating(ours), floating(theirs)
    if not (context.isfinite(ours) and context.isfinite(theirs)):
        return bool(ours == theirs)
    size = max(abs(ours), abs(theirs), context.mpf(1) if min(abs(ours), abs(theirs)) == 0 else 0)
    return bool(abs(ours - theirs) <= size * context.mpf(10) ** -digits)


def floating(value: Number) -> Any:
    if isinstance(value, Fraction):
        return context.mpf(value.numerator) / value.denominator
    return value


CONSTANTS: dict[str, Callable[[], Number]] = {
    "pi": lambda: +context.pi,
    "e": lambda: +context.e,
    "i": lambda: context.mpc(0, 1),
    "infty": lambda: context.inf,
}


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


def combine(ours: Number, theirs: Number, operation: Callable[[Any, Any], Any]) -> Number:
    if isinstance(ours, Fraction) and isinstance(theirs, Fraction):
        limit = MAX_INTEGER_BITS if ours.denominator == theirs.denominator == 1 else MAX_BITS
        if bits(ours) + bits(theirs) < limit:
            return operation(ours, theirs)
    return operation(floating(ours), floating(theirs))


def bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        limit = MAX_INTEGER_BITS if base.denominator == 1 and exponent > 0 else MAX_BITS
        if exponent.denominator == 1 and bits(base) * abs(exponent.numerator) < limit:
            return base**exponent.numerator
        if exponent.denominator > 1 and (root := exact_root(base, exponent.denominator)) is not None:
            return power(root, Fraction(exponent.numerator))
        if base < 0 and exponent.denominator % 2:  # real odd roots: (-8)^(1/3) = -2, as in school
            sign = -1 if exponent.numerator % 2 else 1
            return sign * power(-base, exponent)
    if abs(floating(exponent)) > MAX_EXPONENT:
        raise OverflowError
    is_odd_root = isinstance(exponent, Fraction) and exponent.denominator > 1 and exponent.denominator % 2
    if is_odd_root and isinstance(base, context.mpf) and base < 0:
        return (-1) ** exponent.numerator * context.power(-base, floating(exponent))
    return context.power(floating(base), floating(exponent))


def exact_root(base: Fraction, degree: int) -> Fraction | None:
    if base < 0 or degree > 64 or bits(base) > MAX_BITS:
        return None
    roots = [integer_root(part, degree) for part in (base.numerator, base.denominator)]
    return Fraction(roots[0], roots[1]) if roots[0] is not None and roots[1] else None


def integer_root(value: int, degree: int) -> int | None:
    root = math.isqrt(value) if degree == 2 else iroot(value, degree) if value else 0
    return root if root**degree == value else None


def iroot(value: int, degree: int) -> int:
    """Newton's integer root, rounded down."""
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


def square_root(value: Number) -> Number:
    return (
        power(value, Fraction(1, 2))
        if not (isinstance(value, Fraction) and value < 0)
        else context.sqrt(floating(value))
    )


def integer(value: Number, limit: int) -> int:
    if not isinstance(value, Fraction) or value.denominator != 1 or abs(value) > limit:
        raise ValueError("not an integer of this size")
    return value.numerator


def factorial(value: Number) -> Number:
    """Of an integer, or by the gamma function between integers, so that n!/(n-2)! can be compared."""
    if isinstance(value, Fraction) and value.denominator == 1:
        number = integer(value, MAX_EXPONENT)
        if number < 0:
            raise ValueError("a negative factorial")
        return Fraction(math.factorial(number)) if number <= 20_000 else context.factorial(number)
    if abs(floating(value)) > MAX_EXPONENT:
        raise OverflowError
    return context.gamma(floating(value) + 1)


def binomial(upper: Number, lower: Number) -> Number:
    whole = all(isinstance(value, Fraction) and value.denominator == 1 for value in (upper, lower))
    if whole and upper >= 0:
        n, k = integer(upper, 10_000), integer(lower, 10_000)
        return Fraction(math.comb(n, k)) if k >= 0 else Fraction(0)
    if max(abs(floating(upper)), abs(floating(lower))) > MAX_EXPONENT:
        raise OverflowError
    return context.binomial(floating(upper), floating(lower))


def logarithm(*arguments: Number) -> Number:
    values = [floating(argument) for argument in arguments]
    return context.log(values[-1]) / context.log(values[0]) if len(values) == 2 else context.log(values[0])


def real(value: Number) -> Any:
    if isinstance(value, context.mpc):
        raise ValueError("a complex number has no order")
    return value


def whole(operation: Callable[[Any], Any]) -> Callable[[Number], Number]:
    def rounded(value: Number) -> Number:
        if isinstance(value, Fraction):
            return Fraction(math.floor(value) if operation is context.floor else math.ceil(value))
        return Fraction(int(operation(real(value))))

    return rounded


def over_reals(operation: Callable[[Any], Any]) -> Callable[[Number], Number]:
    return lambda value: operation(floating(value))


FUNCTIONS: dict[str, Callable[..., Number]] = {
    name: over_reals(getattr(context, name))
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "exp")
}
FUNCTIONS |= {
    f"arc{name}": over_reals(getattr(context, f"a{name}"))
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")
}
FUNCTIONS |= {name: FUNCTIONS[f"arc{name[1:]}"] for name in ("asin", "acos", "atan")}
FUNCTIONS |= {
    "ln": logarithm,
    "log": logarithm,
    "lg": lambda value: context.log10(floating(value)),
    "sqrt": square_root,
    "cbrt": lambda value: power(value, Fraction(1, 3)),
    "abs": abs,
    "floor": whole(context.floor),
    "ceil": whole(context.ceil),
    "factorial": factorial,
    "binom": binomial,
    "mod": lambda ours, theirs: Fraction(integer(ours, 10**30) % integer(theirs, 10**30)),
    "gcd": lambda *values: Fraction(math.gcd(*(integer(value, 10**30) for value in values))),
    "lcm": lambda *values: Fraction(math.lcm(*(integer(value, 10**30) for value in values))),
    "max": lambda *values: max(real(value) for value in values),
    "min": lambda *values: min(real(value) for value in values),
    "deg": lambda value: floating(value) * context.pi / 180,
    "unknown": lambda function, value: (
        context.cos(floating(value) * floating(function)) + floating(value) ** 3 * floating(function)
    ),
    "arg": over_reals(context.arg),
    "Re": over_reals(context.re),
    "Im": over_reals(context.im),
}
