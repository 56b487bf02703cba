"""Compares ratios and times of day."""

from fractions import Fraction

from filters.verifiers.mathematics.exact import close
from filters.verifiers.mathematics.nodes import Node
from filters.verifiers.mathematics.numeric import equal_numbers
from filters.verifiers.mathematics.shapes import Ratio, Value
from filters.verifiers.mathematics.undecided import NotComputed
from filters.verifiers.mathematics.value import NoValue, value_of

DAY = 24 * 60 * 60


def equal_ratios(reference: Ratio, answer: Ratio) -> bool:
    """Return True if two ratios are equal. Two that can both be times are compared as times: 12:30 is not 6:15.

    A time with a half of the day is that of a clock of 24 hours: 7 pm is 19:00 and not 7:00, which may be a duration.
    """
    if reference.seconds is not None and answer.seconds is not None:
        if reference.half or answer.half:
            return clock(reference) == clock(answer)
        return reference.seconds == answer.seconds
    if len(reference.parts) != len(answer.parts):
        return False
    try:
        expected, found = (
            [value_of(part.node) for part in ratio.parts if isinstance(part, Value)] for ratio in (reference, answer)
        )
        if len(expected) != len(reference.parts) or len(found) != len(answer.parts):
            return reference.parts == answer.parts
        if 0 in expected or 0 in found:
            return all(map(close, expected, found))
        return all(close(expected[0] * other, found[0] * one) for one, other in zip(expected, found, strict=True))
    except NoValue as error:
        raise NotComputed(str(error)) from error


def clock(ratio: Ratio) -> int:
    """Return the seconds since midnight. 12 am is midnight, 12 pm noon, and 24:00 is 0:00."""
    seconds = ratio.seconds or 0
    if not ratio.half:
        return seconds % DAY
    return seconds % (DAY // 2) + (DAY // 2 if ratio.half == "p" else 0)


HOURS = {"", "oclock", "hour"}
"""Nouns of an hour without minutes; `am` and `pm` say more than a time without them."""


def is_reducible(top: Node, bottom: Node) -> bool:
    """Return True for two whole numbers with a common factor."""
    return top[0] == bottom[0] == "num" and Fraction(top[1], bottom[1]).denominator != bottom[1]


def ratio_is(ratio: Ratio, value: Value) -> bool:
    """Return True if a ratio means the value: 3:4 is three quarters, and 2:00 is two o'clock."""
    if len(ratio.parts) != 2 or not all(isinstance(part, Value) for part in ratio.parts):
        return False
    top, bottom = (part.node for part in ratio.parts if isinstance(part, Value))
    if bottom == ("num", Fraction(0)):
        return ratio.seconds is not None and value.node == top and not value.unit and value.noun in HOURS
    if ratio.seconds is not None and is_reducible(top, bottom):
        return False  # 3:30 is a time, not a tenth
    return not ratio.half and equal_numbers(Value(("/", top, bottom)), value)
