"""Ratios and times of day."""

from fractions import Fraction

from filters.verifiers.mathematics.exact import close
from filters.verifiers.mathematics.numeric import equal_numbers
from filters.verifiers.mathematics.shapes import Ratio, Value
from filters.verifiers.mathematics.undecided import NotComputed
from filters.verifiers.mathematics.value import NoValue, value_of


def equal_ratios(ours: Ratio, theirs: Ratio) -> bool:
    """Two that can be times are times: 12:30 is not 6:15."""
    if ours.seconds is not None and theirs.seconds is not None:
        if ours.half and theirs.half:
            return clock(ours) == clock(theirs)
        return ours.seconds == theirs.seconds or (bool(ours.half or theirs.half) and clock(ours) == clock(theirs))
    if len(ours.parts) != len(theirs.parts):
        return False
    try:
        mine, yours = (
            [value_of(part.node) for part in ratio.parts if isinstance(part, Value)] for ratio in (ours, theirs)
        )
        if len(mine) != len(ours.parts) or len(yours) != len(theirs.parts):
            return ours.parts == theirs.parts
        if 0 in mine or 0 in yours:
            return all(map(close, mine, yours))
        return all(close(mine[0] * other, yours[0] * one) for one, other in zip(mine, yours, strict=True))
    except NoValue as error:
        raise NotComputed(str(error)) from error


def clock(ratio: Ratio) -> int:
    """Seconds since midnight."""
    seconds = ratio.seconds or 0
    if ratio.half and 43200 <= seconds < 46800:
        seconds -= 43200
    return seconds + (43200 if ratio.half == "p" else 0)


def ratio_is(ratio: Ratio, value: Value) -> bool:
    """3:4 is three quarters, 2:00 is two o'clock."""
    if len(ratio.parts) != 2 or not all(isinstance(part, Value) for part in ratio.parts):
        return False
    top, bottom = (part.node for part in ratio.parts if isinstance(part, Value))
    if bottom == ("num", Fraction(0)):
        return ratio.seconds is not None and value.node == top
    return not ratio.half and equal_numbers(Value(("/", top, bottom)), value)
