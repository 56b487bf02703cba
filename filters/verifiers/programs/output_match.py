"""Compares a program's output with the expected one, token by token, decimals within a tolerance."""

import re

TOLERANCE = 1e-9
INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def same_output(expected: str, output: str, tolerance: float = TOLERANCE) -> bool:
    """Return True if both, split at white space, have the same number of tokens and each token equals its
    counterpart."""
    left, right = expected.split(), output.split()
    return len(left) == len(right) and all(
        wanted == found or same_decimal(wanted, found, tolerance) for wanted, found in zip(left, right, strict=True)
    )


def same_decimal(wanted: str, found: str, tolerance: float) -> bool:
    """Return True if two decimals differ by no more than the tolerance, absolute or relative to the expected number.
    An expected integer is compared as text."""
    if INTEGER.fullmatch(wanted) or not (DECIMAL.fullmatch(wanted) and DECIMAL.fullmatch(found)):
        return False
    number = float(wanted)
    return abs(number - float(found)) <= tolerance * max(1.0, abs(number))
