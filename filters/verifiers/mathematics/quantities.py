r"""Reads what is neither a list nor a relation: numbers with units and signs, times, ratios, names.

Like relations.py and inequalities.py, this file receives the function `read_part` from reading.py, which applies all
rules to a part of the answer, such as the `3` of `3 cm`. The circle is deliberate: a part may itself have any shape,
and the function carries the depth of nesting, which reading.py bounds.
"""

import re
from fractions import Fraction
from math import prod

from filters.verifiers.mathematics.brackets import split_top
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.modifiers import changes_value, denies_value
from filters.verifiers.mathematics.nodes import NotAnExpression
from filters.verifiers.mathematics.numerals import decimals_of, numeral_of, repeating_decimal
from filters.verifiers.mathematics.plain_words import are_factors, is_formula, is_phrase, words_alone
from filters.verifiers.mathematics.shapes import Ratio, Raw, Reader, Shape, Value, Words
from filters.verifiers.mathematics.units import CURRENCIES, unit_name

# "12 noon"
NOON = re.compile(r"\s{0,9}(?:\\text\{)?\s{0,9}noon\s{0,9}\}?$", re.IGNORECASE)
# "negative 5"
NEGATIVE = re.compile(r"^(?:\\text\{\s*)?(?:[Nn]eg(?:ative)?|[Mm]inus)(?:\s*\}\s*|\s+)(?=[\d\\.])")
# "US$5"
DOLLARS = re.compile(r"^(?:\\text\{\s*)?(?:US(?:D|\\?\$)|(?:A|C|NZ|HK|S)\\?\$)\s?\}?\s?(?=\d)")
# "Rs. 100", "EUR 100"
CODED = re.compile(r"^(?:\\text\{\s*)?(?:(Rs\.?|INR)|(EUR)|(GBP)|(CNY|RMB|JPY))\s?\}?\s?(?=\d)")
CODES = "₹€£¥"
# "approximately 5"
LEADING = re.compile(
    r"^(?:\\text\{(?![^{}]*\b(?:not|least|most|more|less|than|over|under|no|between|except|minus|negative"
    r"|never|half|plus|times|above|up to|double|triple|twice|thrice)\b)[^{}]*\}\s*:?\s*(?=[\\\d(\[{+-])|\\therefore\s?|\\approx\s?"
    r"|(?:approximately|about|exactly|is|are|equals?|roughly|~)\s+)"
)
# "\text{7 or }"
VALUE_IN_TEXT = re.compile(r"\d")
# " percent of x"
PERCENT_OF = re.compile(r"(?:\\text\{)?\s{0,3}(?:percent(?:age)?|pct\.?|%)\s{0,3}\}?\s{0,3}of\b")
# "3 to 4"
RATIO_SIGN = re.compile(r":|\\text\{\s*to\s*\}|(?<=\d)\sto\s(?=\d)")
# "\text{cm}"
TEXT_GROUP = re.compile(r"\\text\{([^{}]*)\}")
LARGE_NUMBERS = {
    **{"dozen": 12, "gross": 144, "hundred": 100, "thousand": 10**3, "lakh": 10**5},
    **{"million": 10**6, "crore": 10**7, "billion": 10**9, "trillion": 10**12},
    **{"dutzend": 12, "mille": 10**3, "tausend": 10**3, "millions": 10**6, "millionen": 10**6, "millones": 10**6},
    **{"mio": 10**6, "milliards": 10**9, "milliarden": 10**9, "mrd": 10**9},
}
# "3.5 million"
LARGE = re.compile(
    r"(.*\d)\s?(?:\\text\{\s*)?(dozen|hundred|thousand|million|billion|trillion|lakh|crore|gross"
    r"|dutzend|mille|tausend|millions|millionen|millones|mio|milliards|milliarden|mrd)\b\.?(\s[a-z ]+)?\s?\}?",
    re.IGNORECASE,
)
LARGE_SIGNS = {"十": 10, "百": 100, "千": 1000, **dict.fromkeys("万萬만", 10**4), **dict.fromkeys("亿億억", 10**8)}
# "3.5万元", "3千万", but not "3千克"
LARGE_BY_SIGNS = re.compile(
    r"(.*\d)\s?(?:\\text\{\s*)?([十百千]?[万萬만亿億억]|[百千](?![克米瓦焦帕赫卡升分]))([\u4e00-\u9fff가-힣]{0,4})\s?\}?"
)
# "50 percent"
PERCENT = re.compile(r"\s{0,9}(%|\\text\{\s{0,9}(?:percent(?:age)?|pct\.?)\s{0,9}\}|percent(?:age)?|pct\.?)$")
# "-\$5.00"
CURRENCY = re.compile(r"([-+]?)\s?(\\\$|[€£¥₹])\s?(.*)", re.DOTALL)
# "5 €"
TRAILING_CURRENCY = re.compile(r"^([\d.,]+)\s?([€£¥₹]|\\\$)$")
TRIGONOMETRIC = re.compile(r"sin|cos|tan|cot|sec|csc")
# "20^\circ C"
TEMPERATURE = re.compile(r"\s?\^\s?\{?\s?\\circ\s?\}?\s?(?:\\text\{\s*)?([CF])?(?:\s*\})?$")
# "5厘米", "5개"
CHINESE = re.compile(r"^([-+\d./\\{}a-z ]*[\d}])\s?([\u3041-\u30ff\u4e00-\u9fff가-힣]{1,4})$")
# "5 \text{ cm}^2"
TRAILING = re.compile(
    r"^(.*?[\d)}\]a-z!'%])\s*((?:\\text\{[^{}]*\}"
    r"|(?<=\s)[A-Za-z]{2,40}[A-Za-z .'/-]{0,100})(?:\s?/\s?(?:\\text\{[^{}]*\}"
    r"|[A-Za-z]{1,40}))?(?:\s?\^\s?\{?[23]\}?)?(?:\s{0,9}\([A-Za-z]{1,40}\))?)$",
    re.DOTALL,
)
# "5km/h"
GLUED = re.compile(r"^([-+]?[\d.,]+)\s?((?:[A-Za-zµ]{2,}|[mgslh])(?:/[a-z]+)?(?:\^\{?[23]\}?)?)$")
# "5 or more"
BOUNDING = re.compile(r"\b(?:or|more|less|least|most|not|than|fewer|over|under|times|squared|cubed|dozen)\b")
# "\text{apples}"
NOT_A_NOUN = re.compile(r"\\text|[^a-z]")
# "x=\sqrt{2}"
FORMULA_SIGN = re.compile(r"\\(?!text)|[=+^]")


def leaf_of(text: str, read_part: Reader) -> Shape:
    """Return the shape of a text that is not a list, relation or bracket. The first rule that applies decides."""
    text = NOON.sub(" pm", DOLLARS.sub(r"\\$", NEGATIVE.sub("-", text)))
    text = CODED.sub(lambda match: CODES[(match.lastindex or 1) - 1], text)
    return (
        large_number(text, read_part)
        or without_label(text, read_part)
        or numeral_of(text)
        or ratio_of(text, read_part)
        or words_alone(bare(text))
        or percentage(text, read_part)
        or price(text, read_part)
        or with_unit(degrees_named(text), read_part)
        or expression_of(degrees_named(text), bare(text))
    )


def bare(text: str) -> str:
    r"""Return the text without `\text{}` around words."""
    return TEXT_GROUP.sub(r"\1", text).strip()


def large_number(text: str, read_part: Reader) -> Shape | None:
    """Read `3.5 million`, `2 dozen eggs` or `3万元`."""
    match = LARGE.fullmatch(text) or LARGE_BY_SIGNS.fullmatch(text)
    shape = read_part(match.group(1) + (match.group(3) or "")) if match else None
    if not match or not isinstance(shape, Value):
        return None
    times = LARGE_NUMBERS.get(match.group(2).lower()) or prod(LARGE_SIGNS[sign] for sign in match.group(2))
    return Value(("*", shape.node, ("num", Fraction(times))), None, shape.unit)


def without_label(text: str, read_part: Reader) -> Shape | None:
    """Read a text without its leading words, such as "approximately", if it has any."""
    stripped = LEADING.sub("", text)
    label = text[: len(text) - len(stripped)]
    if stripped == text or denies_value(label) or VALUE_IN_TEXT.search(label):
        return None
    return read_part(stripped)


def ratio_of(text: str, read_part: Reader) -> Ratio | None:
    parts = split_top(text, RATIO_SIGN)
    if len(parts) < 2 or not all(part.strip() for part in parts):
        return None
    return Ratio(tuple(read_part(part) for part in parts), None, "")


def percentage(text: str, read_part: Reader) -> Shape | None:
    plain = PERCENT.sub("", text).strip()
    is_one = plain != text and not PERCENT.search(plain)
    shape = leaf_of(plain, read_part) if is_one else None
    return Value(shape.node, shape.decimals, "", True) if isinstance(shape, Value) else None


def price(text: str, read_part: Reader) -> Shape | None:
    r"""Read `\$5` or `5 €`."""
    match = CURRENCY.fullmatch(TRAILING_CURRENCY.sub(r"\2\1", text))
    if not match:
        return None
    shape = leaf_of(match.group(1) + match.group(3), read_part)
    if not isinstance(shape, Value):
        return shape
    return Value(shape.node, shape.decimals, CURRENCIES[match.group(2)], words=shape.words)


def degrees_named(text: str) -> str:
    r"""Write the unit of `20^\circ C` in words, unless the angle is an argument of a function."""
    if r"\circ" not in text or TRIGONOMETRIC.search(text):
        return text
    names = {"C": "celsius", "F": "fahrenheit"}
    return TEMPERATURE.sub(lambda match: rf" \text{{{names.get(match.group(1) or '', 'degrees')}}}", text)


def with_unit(text: str, read_part: Reader) -> Shape | None:
    """Read a value with its unit or the noun it counts: `5 cm`, `5cm`, `5厘米`, `5 apples`."""
    for pattern in (TRAILING, GLUED, CHINESE):
        match = pattern.fullmatch(text)
        if not match:
            continue
        words = match.group(2)
        unit = unit_name(words)
        if (
            PERCENT_OF.match(words)
            or changes_value(words)
            or BOUNDING.search(words)
            or are_factors(match.group(1), words, unit)
            or (not unit and (pattern is GLUED or is_formula(words)))
        ):
            continue
        shape = leaf_of(match.group(1).strip(), read_part)
        if isinstance(shape, Value) and not shape.unit:
            return Value(shape.node, shape.decimals, unit, shape.percent, "" if unit else noun_of(words), words)
        if isinstance(shape, Ratio):
            return shape
    return None


def noun_of(words: str) -> str:
    """Return a counted noun in the singular, so that `apple` and `apples` are one."""
    return NOT_A_NOUN.sub("", words.lower()).rstrip("s")


def expression_of(text: str, words: str) -> Shape:
    """Return the value of an expression, else words, else raw mathematics, which nothing here can compare."""
    if repeating := repeating_decimal(text):
        return repeating
    if is_phrase(text):
        return Words(words)
    try:
        node = parse_expression(text)
    except NotAnExpression:
        return Raw(text) if FORMULA_SIGN.search(text) or not re.search("[A-Za-z]", words) else Words(words)
    return Value(node, decimals_of(text.replace(" ", "")))
