"""Reads numbers that are not digits with a point: other bases, ordinals, proportions, repeating decimals, times."""

import re
from fractions import Fraction

from filters.verifiers.mathematics.number_words import NUMBER_WORDS
from filters.verifiers.mathematics.shapes import Based, Ratio, Raw, Shape, Value, number

# "1.25e-5"
DECIMAL = re.compile(r"[-+]?\d*\.(\d+)(?:[eE]([-+]?\d{1,3})|\\(?:times|cdot)10\^\{?([-+]?\d{1,3})\}?)?")
# "0.1\overline{6}"
REPEATING = re.compile(r"(\d*)\.(\d*)\\overline\s?\{?(\d+)\}?")
# "0.1666\dots"
DOTS = re.compile(r"(\d*)\.(\d*?)(\d{1,6}?)(?:\3{2,}|(?<=\d{3})\3)\s?\\dots")
# "0.1(6)"
IN_BRACKETS = re.compile(r"(\d*)\.(\d*)\((\d+)\)")
# "1011_{2}"
BASED = re.compile(
    r"\(?(-?[0-9A-Fa-f]+)\)?(?:_\{?\(?|\s?\(?(?=(?:\\text\{)?\s*\(?base))(?:\\text\{)?\s*\(?(?:base\s*)?\}?\s?(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s*[)}]*"
)
# "100100_b"
BASED_BY_LETTER = re.compile(r"\(?(\d{2,})\)?_\{?\s*([a-z])\s*\}?")
# "0x1f"
PREFIXED = re.compile(r"([-+]?0[xob])([0-9a-f]{1,1000})", re.IGNORECASE)
# "3:30 pm"
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:\\text\{)?\s*([ap])?\.?\s?(?:m\.?)?\s*\}?", re.IGNORECASE)
# "3 p.m."
HOUR = re.compile(r"(\d{1,2})\s*(?:\\text\{)?\s*([ap])\.?\s?m\.?\s*\}?", re.IGNORECASE)
# "3 out of 4"
PROPORTION = re.compile(r"(\d{1,9})\s(?:in|out of)\s(\d{1,9})")
# "21^{st}"
ORDINAL = re.compile(r"(\d{1,9})\s?(?:\^\s?)?\{?\s?(?:\\text\{)?\s?(?:st|nd|rd|th)\s?\}*")


def numeral_of(text: str) -> Shape | None:
    """Return the number or time that the whole text is, or None."""
    if match := PREFIXED.fullmatch(text):
        return number(int(match.group(1) + match.group(2), 0))
    if match := BASED_BY_LETTER.fullmatch(text):
        return Based(match.group(1).lstrip("0") or "0", match.group(2))
    if match := BASED.fullmatch(text):
        return Based(match.group(1).lstrip("0").upper() or "0", str(NUMBER_WORDS.get(match.group(2), match.group(2))))
    if match := PROPORTION.fullmatch(text):
        return number(Fraction(int(match.group(1)), int(match.group(2)))) if int(match.group(2)) else Raw(text)
    if match := ORDINAL.fullmatch(text):
        return number(int(match.group(1)))
    return time_of(text)


def time_of(text: str) -> Ratio | None:
    """Read `3 pm`, `3:30` or `02:14:24` as a ratio, with its seconds if it can be a time."""
    if match := HOUR.fullmatch(text):
        hour = int(match.group(1))
        return Ratio((number(hour), number(0)), 3600 * hour if hour <= 12 else None, match.group(2).lower())
    if match := CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
        parts = tuple(number(int(part)) for part in match.group(1, 2, 3) if part)
        is_time = hour <= 24 and minute < 60 and second < 60
        seconds = 3600 * hour + 60 * minute + second
        return Ratio(parts, seconds if is_time else None, (match.group(4) or "").lower())
    return None


def repeating_decimal(text: str) -> Value | None:
    r"""Read `0.1\overline{6}`, `0.1666\dots` and `0.1(6)` as fractions."""
    unsigned = text.lstrip("-+")
    match = REPEATING.fullmatch(unsigned) or DOTS.fullmatch(unsigned) or IN_BRACKETS.fullmatch(unsigned)
    if not match:
        return None
    whole, fixed, repeated = match.groups()
    tail = int(fixed or 0) + Fraction(int(repeated), 10 ** len(repeated) - 1)
    value = Fraction(int(whole or 0)) + tail / 10 ** len(fixed)
    return number(-value if text.startswith("-") else value)


def decimals_of(text: str) -> int | None:
    """Return the digits after the point: 2 of 1.25, 7 of 1.25e-5; None for a number that is not a decimal."""
    match = DECIMAL.fullmatch(text)
    return len(match.group(1)) - int(match.group(2) or match.group(3) or 0) if match else None
