"""Compares a program's output with the expected one, token by token, decimals within a tolerance."""

import re
from collections.abc import Iterator
from itertools import zip_longest

TOLERANCE = 1e-9
"""Tolerance of a decimal, absolute or relative."""
PRINTED_TOLERANCE = 1e-6
"""Absolute tolerance of a decimal that is expected with six digits or more behind its point: those are how many digits
its problem's own solution printed (C's `%f`: six), and not what the problem asks for. It is absolute, so that a whole
number that is printed so never matches another one."""
LONGEST_DECIMAL = 400
"""Characters of a token that may be a decimal: a double has at most 325 digits before the point. Longer tokens must be
the same text."""
# "-12"
INTEGER = re.compile(r"[+-]?[0-9]{1,400}")
# "1.50e-3", ".5"
DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,400})?")
# "3.162278"
PRINTED = re.compile(r"[+-]?[0-9]{0,400}\.[0-9]{6,400}")
TOKEN = re.compile(r"\S+")


def most_characters(expected: str) -> int:
    """Return how long an output may be that is compared with this one, once its white space is single spaces. A token
    may be longer than its counterpart, as decimals have many spellings."""
    return 64 * len(expected) + 65_536


def same_output(expected: str, output: str, tolerance: float | None = None) -> bool:
    """Return True if both, split at white space, have the same number of tokens and each token equals its
    counterpart, decimals within the problem's own tolerance if it states one. The tokens are read one by one, up to the
    first that differs."""
    return all(
        wanted == found or (wanted is not None and found is not None and same_decimal(wanted, found, tolerance))
        for wanted, found in zip_longest(tokens(expected), tokens(output))
    )


def tokens(text: str) -> Iterator[str]:
    return (match.group() for match in TOKEN.finditer(text))


def same_decimal(wanted: str, found: str, tolerance: float | None) -> bool:
    """Return True if two decimals differ by no more than the tolerance, absolute or relative to the expected number.
    An expected integer is compared as text."""
    if max(len(wanted), len(found)) > LONGEST_DECIMAL or INTEGER.fullmatch(wanted):
        return False
    if not DECIMAL.fullmatch(wanted) or not DECIMAL.fullmatch(found):
        return False
    number = float(wanted)
    most = (TOLERANCE if tolerance is None else tolerance) * max(1.0, abs(number))
    if tolerance is None and PRINTED.fullmatch(wanted):
        most = max(most, PRINTED_TOLERANCE)
    return abs(number - float(found)) <= most
