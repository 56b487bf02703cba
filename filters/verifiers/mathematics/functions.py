"""Computes the functions of the grammar, exactly for exact arguments whose values are exact."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from filters.verifiers.mathematics.exact import MAX_EXPONENT, Number, context, floating, power, real

MOST_CHOSEN = 10_000
"""Largest number of which a binomial coefficient is computed exactly."""


def square_root(value: Number) -> Number:
    return (
        power(value, Fraction(1, 2))
        if not (isinstance(value, Fraction) and value < 0)
        else context.sqrt(floating(value))
    )


def integer(value: Number, limit: int) -> int:
    """Return a number as an integer. Errors: ValueError if it is not one, or its size exceeds the limit."""
    if not isinstance(value, Fraction) or value.denominator != 1 or abs(value) > limit:
        raise ValueError("not an integer of this size")
    return value.numerator


def factorial(value: Number) -> Number:
    """Return the factorial of an integer, or the gamma function between integers, so that n!/(n-2)! can be compared."""
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
    if whole and 0 <= upper <= MOST_CHOSEN and abs(lower) <= MOST_CHOSEN:
        return Fraction(math.comb(upper.numerator, lower.numerator)) if lower >= 0 else Fraction(0)
    if max(abs(floating(upper)), abs(floating(lower))) > MAX_EXPONENT:
        raise OverflowError
    return context.binomial(floating(upper), floating(lower))


def logarithm(*arguments: Number) -> Number:
    """Return the natural logarithm, or with two arguments (base, value) the one to that base."""
    values = [floating(argument) for argument in arguments]
    return context.log(values[-1]) / context.log(values[0]) if len(values) == 2 else context.log(values[0])


def whole(operation: Callable[[Any], Any]) -> Callable[[Number], Number]:
    """Make a rounding function that is exact on fractions."""

    def rounded(value: Number) -> Number:
        if isinstance(value, Fraction):
            return Fraction(math.floor(value) if operation is context.floor else math.ceil(value))
        return Fraction(int(operation(real(value))))

    return rounded


def over_reals(operation: Callable[[Any], Any]) -> Callable[[Number], Number]:
    """Make a function that computes in floating point."""
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
    "mod": lambda dividend, divisor: Fraction(integer(dividend, 10**30) % integer(divisor, 10**30)),
    "gcd": lambda *values: Fraction(math.gcd(*(integer(value, 10**30) for value in values))),
    "lcm": lambda *values: Fraction(math.lcm(*(integer(value, 10**30) for value in values))),
    "max": lambda *values: max(real(value) for value in values),
    "min": lambda *values: min(real(value) for value in values),
    "deg": lambda value: floating(value) * context.pi / 180,
    "cross": lambda one, other: one**3 * other - one * other**3,  # as turning both round turns the sign of the product
    "unknown": lambda function, value: (
        context.cos(floating(value) * floating(function)) + floating(value) ** 3 * floating(function)
    ),
    "arg": over_reals(context.arg),
    "Re": over_reals(context.re),
    "Im": over_reals(context.im),
}
