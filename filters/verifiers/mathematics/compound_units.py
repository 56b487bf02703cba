r"""Reads a number with a unit of several parts, as physics writes them: `9.8\ \text{m}\,\text{s}^{-2}`, `5\ N \cdot m`,
`3\ \text{k}\Omega`. Letters may be variables as well, so it is asked only where the other side has no such letters."""

import re
from collections import Counter

from filters.verifiers.mathematics.units import UNITS

Unit = dict[str, int]
"""Exponents by the units' names."""
# "F = ma = ", "\approx "
SIGN = re.compile(r"=|\\approx(?![a-z])")
ATOM = (
    r"(?:\\text\{(?:[A-Za-z ./()-]|\\cdot(?![a-z])){0,30}\}|\\(?:mu|Omega|AA)(?![a-z])|[A-Za-z]{1,8}+|[()])\s?+"
    r"(?:\^\s?\{?-?[1-6]\}?\s?+)?+(?:(?:\\cdot(?![a-z])|/)\s?+)?+"
)
r"""A part of a unit with what joins it to the next, `s^{-2} \cdot `. Nothing in it is tried twice, so that time is linear."""
TEN = r"10\s?\^\s?\{?-?\d{1,3}\}?"
# "1.2\times10^{5}", "10^5", "2\sqrt{3}", "\pi", "\frac{1}{2}"
NUMBER = re.compile(
    rf"[-+]?(?:[\d.,]{{1,40}}(?:\s?\\times\s?{TEN})?|{TEN}|\d{{0,9}}\s?(?:\\pi(?![a-z])|\\sqrt\{{\d{{1,9}}\}})"
    r"|\\frac\{\d{1,9}\}\{\d{1,9}\})"
)
# "9.8 \text{m} \text{s}^{-2}", "5 {m \cdot s^{-2}}"
WITH_UNIT = re.compile(rf"\s?({NUMBER.pattern})\s?\{{?((?:{ATOM}){{1,12}}+)\}}?")
# "Nm", "kWh"
TOKEN = re.compile(r"k?N(?=[ms]\b)|k?W(?=h\b)|\\cdot|\\mu|\\Omega|\\AA|/|\^\s?\{?(-?[1-6])\}?|[A-Za-z]{1,20}")
# "\Omega", "s^{-1}", "\text{N}", "kg", "J/K"
IS_UNIT = re.compile(r"\\(?:Omega|mu|text|AA)|\^\s?\{?-|[A-Za-z]{2}|/")
"""What sets a unit apart from variables."""
# "N m", but not "C V^2" and "m V"
ONE_CAPITAL = re.compile(r"\(?[A-Z](?!\s?\^)[^A-Z]*")
r"""Single letters that are a unit behind decimals, and part of a formula behind others, as in `2\pi A`."""
# "5A", a number in base 16
GLUED = re.compile(r"[A-Z](?![A-Za-z])")
PREFIXES = {"k": "k", "M": "M", r"\mu": "micro"}
"""Those of letters stand before `\\Omega` alone: `k T` is an energy."""
SIZES = {"dozen", "percent", "cent"}
"""Names in the table of units that change the number."""
NAMES = {word: name for word, name in UNITS.items() if name not in SIZES}
NAMES |= {r"\Omega": "ohm", r"\AA": "angstrom", "T": "tesla", "Wb": "weber", "F": "farad", "H": "henry"}


def unit_apart(text: str) -> tuple[str, Unit] | None:
    r"""Return a text without the unit behind its number, `F = 5` of `F = 5\ N \cdot m`, and the unit; None if anything in
    it is no known unit."""
    match = WITH_UNIT.fullmatch(text, last_side(text))
    if not match or GLUED.match(text, match.end(1)):
        return None
    letters, is_decimal = match.group(2).replace(r"\cdot", " "), "\\" not in match.group(1).replace(r"\times", "")
    if not IS_UNIT.search(letters) and not (is_decimal and ONE_CAPITAL.fullmatch(letters)):
        return None
    unit = unit_of(match.group(2))
    return (text[: match.end(1)], unit) if unit else None


def last_side(text: str) -> int:
    """Return where the last side of a relation begins; 0 without one."""
    return max((sign.end() for sign in SIGN.finditer(text)), default=0)


def unit_of(text: str) -> Unit | None:
    """Return the exponents; None for an unknown unit. Whatever stands behind a slash is divided by."""
    found: Counter[str] = Counter()
    last, prefix, sign = "", "", 1
    for match in TOKEN.finditer(text.replace(r"\text", " ")):
        token, exponent = match.group(), match.group(1)
        if exponent:
            if not last:
                return None
            found[last] += sign * (int(exponent) - 1)
        elif token == "/":
            sign = -1
        elif token in PREFIXES:
            prefix = PREFIXES[token]
        elif token != r"\cdot":
            if token not in NAMES or (prefix in ("k", "M") and token != r"\Omega"):
                return None
            last, prefix = prefix + NAMES[token], ""
            found[last] += sign
    return None if prefix or not found else {name: count for name, count in found.items() if count}


def is_plain_number(text: str) -> bool:
    """Return True for digits, a fraction or root of them, a power of ten or a multiple of pi, named or not."""
    return NUMBER.fullmatch(text[last_side(text) :].strip()) is not None
