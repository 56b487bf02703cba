"""Numbers: exact where they are rational, else of 50 digits, and bounded before they are computed."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath

Number = Any
"""Fraction, mpf or mpc."""
DIGITS, AGREEING, AGREEING_FAR = 50, 40, 15
"""Far from zero sums lose digits: `1 + 2/x^4 - 1`."""
MAX_BITS, MAX_INTEGER_BITS = 40_000, 700_000
"""Of an exact fraction and of an exact integer; beyond, values are floating point of 50 digits."""
MAX_EXPONENT = 100_000
context = mpmath.mp.clone()
context.dps = DIGITS


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


def real(value: Number) -> Any:
    if isinstance(value, context.mpc):
        raise ValueError("a complex number has no order")
    return value
