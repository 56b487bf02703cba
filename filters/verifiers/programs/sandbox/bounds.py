"""Bounds the numbers that a program returns. Only the standard library, as the sandbox needs it."""

from __future__ import annotations

from filters.verifiers.programs.sandbox.pipe import Closed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_DIGITS, MOST_EXPONENT, MOST_STEPS = 1 << 20, 10_000, 10_000_000
"""Hexadecimal digits of an integer, what bounds the parts of a fraction and the exponent of a decimal, and the length
of a range: a test that computes with more would take minutes of the harness's time, not of the program's."""


def integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise Closed("it sent an integer that is too large")
    return int(digits, 16)


def range_of(start: int, stop: int, step: int) -> range:
    if abs(stop - start) > MOST_STEPS * abs(step):
        raise Closed("it sent a range that is too long")
    return range(start, stop, step)


def decimal_of(text: str) -> Any:
    from decimal import Decimal

    value = Decimal(text) if len(text) <= MOST_EXPONENT else None
    if value is None or (value.is_finite() and abs(value.adjusted()) > MOST_EXPONENT):
        raise Closed("it sent a decimal that is too large")
    return value


def fraction_of(numerator: str, denominator: str) -> Any:
    from fractions import Fraction

    if max(len(numerator), len(denominator)) > MOST_EXPONENT:
        raise Closed("it sent a fraction that is too large")
    return Fraction(int(numerator, 16), int(denominator, 16))
