"""Computes with numbers that are exact if rational, else of 50 digits, and bounded before they are computed."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath

Number = Any
"""A Fraction, mpf or mpc."""
DIGITS, AGREEING, AGREEING_FAR = 50, 40, 15
"""Digits that are computed, digits that must agree, and digits that must agree far from zero, where sums such as `1
+ 2/x^4 - 1` lose digits."""
MAX_BITS, MAX_INTEGER_BITS = 40_000, 700_000
"""Bits of an exact fraction and of an exact integer; larger values are floating point of 50 digits."""
MAX_EXPONENT = 100_000
context = mpmath.mp.clone()
context.dps = DIGITS


def close(left: Number, right: Number, digits: int = AGREEING) -> bool:
    """Return True if two rationals are equal, or if other numbers agree to so many of the 50 digits."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left == right
    left, right = floating(left), floating(right)
    if not (context.isfinite(left) and context.isfinite(right)):
        return bool(left == right)
    size = max(abs(left), abs(right), context.mpf(1) if min(abs(left), abs(right)) == 0 else 0)
    return bool(abs(left - right) <= size * context.mpf(10) ** -digits)


def floating(value: Number) -> Any:
    """Return a number in floating point of 50 digits."""
    if isinstance(value, Fraction):
        return context.mpf(value.numerator) / value.denominator
    return value


def combine(left: Number, right: Number, operation: Callable[[Any, Any], Any]) -> Number:
    """Apply an operation, exactly to two fractions that are not too large, else in floating point."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        limit = MAX_INTEGER_BITS if left.denominator == right.denominator == 1 else MAX_BITS
        if bits(left) + bits(right) < limit:
            return operation(left, right)
    return operation(floating(left), floating(right))


def bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def power(base: Number, exponent: Number) -> Number:
    """Return a power: exact where both are rational and the result is not too large, else in floating point. Errors:
    OverflowError."""
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
    """Return the root of a fraction if it is rational, else None."""
    if base < 0 or degree > 64 or bits(base) > MAX_BITS:
        return None
    roots = [integer_root(part, degree) for part in (base.numerator, base.denominator)]
    return Fraction(roots[0], roots[1]) if roots[0] is not None and roots[1] else None


def integer_root(value: int, degree: int) -> int | None:
    """Return the root of an integer if it is an integer, else None."""
    root = math.isqrt(value) if degree == 2 else iroot(value, degree) if value else 0
    return root if root**degree == value else None


def iroot(value: int, degree: int) -> int:
    """Return the integer root, rounded down, by Newton's method."""
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


def real(value: Number) -> Any:
    """Return a real number. Errors: ValueError for a complex one."""
    if isinstance(value, context.mpc):
        raise ValueError("a complex number has no order")
    return value
