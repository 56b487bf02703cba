r"""What is no list and no relation: numbers with units and signs, times, names."""

import re
from fractions import Fraction

from filters.verifiers.mathematics.brackets import split_top
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.shapes import Based, Ratio, Raw, Reader, Shape, Value, Words, number
from filters.verifiers.mathematics.tokens import FUNCTIONS, NotAnExpression
from filters.verifiers.mathematics.units import CURRENCIES, FRACTION_WORDS, NUMBER_WORDS, SHORT_NOUNS, unit_name

DECIMAL = re.compile(r"[-+]?\d*\.(\d+)(?:[eE]([-+]?\d{1,3})|\\(?:times|cdot)10\^\{?([-+]?\d{1,3})\}?)?")
REPEATING = re.compile(r"(\d*)\.(\d*)\\overline\s?\{?(\d+)\}?")
DOTS = re.compile(r"(\d*)\.(\d*?)(\d{1,6}?)(?:\3{2,}|(?<=\d{3})\3)\s?\\dots")
IN_BRACKETS = re.compile(r"(\d*)\.(\d*)\((\d+)\)")
BASED = re.compile(
    r"\(?(-?[0-9A-Fa-f]+)\)?(?:_\{?\(?|\s?\(?(?=(?:\\text\{)?\s*\(?base))(?:\\text\{)?\s*\(?(?:base\s*)?\}?\s?(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s*[)}]*"
)
BASED_BY_LETTER = re.compile(r"\(?(\d{2,})\)?_\{?\s*([a-z])\s*\}?")
PREFIXED = re.compile(r"([-+]?0[xob])([0-9a-f]{1,1000})", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:\\text\{)?\s*([ap])?\.?\s?(?:m\.?)?\s*\}?", re.IGNORECASE)
HOUR = re.compile(r"(\d{1,2})\s*(?:\\text\{)?\s*([ap])\.?\s?m\.?\s*\}?", re.IGNORECASE)
NOON = re.compile(r"\s*(?:\\text\{)?\s*noon\s*\}?$", re.IGNORECASE)
PROPORTION = re.compile(r"(\d{1,9})\s(?:in|out of)\s(\d{1,9})")
ORDINAL = re.compile(r"(\d{1,9})\s?(?:\^\s?)?\{?\s?(?:\\text\{)?\s?(?:st|nd|rd|th)\s?\}*")
LEADING = re.compile(
    r"^(?:\\text\{(?![^{}]*\b(?:not|least|most|more|less|than|over|under|no|between|except|minus|negative"
    r"|never|half|plus|times)\b)[^{}]*\}\s*:?\s*(?=[\\\d(\[{+-])|\\therefore\s?|\\approx\s?"
    r"|(?:approximately|about|exactly|is|are|equals?|roughly|~)\s+)"
)
CURRENCY = re.compile(r"([-+]?)\s?(\\\$|[€£¥₹])\s?(.*)", re.DOTALL)
TRAILING_CURRENCY = re.compile(r"^([\d.,]+)\s?([€£¥₹]|\\\$)$")
TRIGONOMETRIC = re.compile(r"sin|cos|tan|cot|sec|csc")
TEMPERATURE = re.compile(r"\s?\^\s?\{?\s?\\circ\s?\}?\s?(?:\\text\{\s*)?([CF])?(?:\s*\})?$")
CHINESE = re.compile(r"^([-+\d./\\{}a-z ]*[\d}])\s?([\u4e00-\u9fff]{1,4})$")
TRAILING = re.compile(
    r"^(.*?[\d)}\]a-z!'%])\s*((?:\\text\{[^{}]*\}"
    r"|(?<=\s)[A-Za-z]{2,}[A-Za-z .'/-]*)(?:\s?/\s?(?:\\text\{[^{}]*\}"
    r"|[A-Za-z]+))?(?:\s?\^\s?\{?[23]\}?)?(?:\s*\([A-Za-z]+\))?)$",
    re.DOTALL,
)
GLUED = re.compile(r"^([-+]?[\d.,]+)\s?((?:[A-Za-zµ]{2,}|[mgslh])(?:/[a-z]+)?(?:\^\{?[23]\}?)?)$")
NEGATIVE = re.compile(r"^(?:\\text\{\s*)?(?:[Nn]egative|[Mm]inus)(?:\s*\}\s*|\s+)(?=[\d\\.])")
DOLLARS = re.compile(r"^(?:\\text\{\s*)?US(?:D|\\?\$)\s?\}?\s?(?=\d)")
LARGE_NUMBERS = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
LARGE = re.compile(
    r"(.*\d)\s?(?:\\text\{\s*)?(dozen|hundred|thousand|million|billion|trillion)\b(\s[a-z ]+)?\s?\}?", re.IGNORECASE
)
PERCENT = re.compile(r"\s*(%|\\text\{\s*percent\s*\}|percent)$")
NO_PRODUCTS = {"no", "on", "to", "so", "at", "as", "am", "an", "or", "in", "is", "it", "yes", "odd", "all", "any"}
VARIABLES = set("abcdhklmnpqrstuvwxyz")
BOUNDING = re.compile(r"\b(?:or|more|less|least|most|not|than|fewer|over|under|times|squared|cubed|dozen)\b")


LETTERS = re.compile(r"[A-Za-z][A-Za-z '’.-]*")


def leaf_of(text: str, inner: Reader) -> Shape:
    text = NOON.sub(" pm", DOLLARS.sub(r"\\$", NEGATIVE.sub("-", text)))
    if match := LARGE.fullmatch(text):
        shape = inner(match.group(1) + (match.group(3) or ""))
        if isinstance(shape, Value):
            return Value(("*", shape.node, ("num", Fraction(LARGE_NUMBERS[match.group(2).lower()]))), None, shape.unit)
    stripped = LEADING.sub("", text)
    if stripped != text:
        return inner(stripped)
    if match := PREFIXED.fullmatch(text):
        return number(int(match.group(1) + match.group(2), 0))  # 0x1f
    if match := BASED_BY_LETTER.fullmatch(text):
        return Based(match.group(1).lstrip("0") or "0", match.group(2))
    if match := BASED.fullmatch(text):
        return Based(match.group(1).lstrip("0").upper() or "0", str(NUMBER_WORDS.get(match.group(2), match.group(2))))
    if match := HOUR.fullmatch(text):
        hour = int(match.group(1))
        return Ratio((number(hour), number(0)), 3600 * hour if hour <= 12 else None, match.group(2).lower())
    if match := PROPORTION.fullmatch(text):
        return number(Fraction(int(match.group(1)), int(match.group(2)))) if int(match.group(2)) else Raw(text)
    if match := ORDINAL.fullmatch(text):
        return number(int(match.group(1)))
    if match := CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
        shown = tuple(number(int(part)) for part in match.group(1, 2, 3) if part)
        is_time = hour <= 24 and minute < 60 and second < 60
        seconds = 3600 * hour + 60 * minute + second
        return Ratio(shown, seconds if is_time else None, (match.group(4) or "").lower())
    if len(parts := split_top(text, re.compile(r":|\\text\{\s*to\s*\}|(?<=\d)\sto\s(?=\d)"))) > 1 and all(
        part.strip() for part in parts
    ):
        return Ratio(tuple(inner(part) for part in parts), None, "")
    words = re.sub(r"\\text\{([^{}]*)\}", r"\1", text).strip()
    if LETTERS.fullmatch(words) and (len(words) > 1 or words in "Nn") and not (is_formula(words) and " " in words):
        if infinite := re.fullmatch(r"(?i)(positive |negative |minus )?infinity", words):
            return Value(
                ("neg", ("sym", "infty")) if infinite.group(1) in ("negative ", "minus ") else ("sym", "infty")
            )
        value = NUMBER_WORDS.get(words.casefold().strip("."))
        if value is not None:
            return number(value)
        if words.casefold() in FRACTION_WORDS:
            return number(Fraction(*FRACTION_WORDS[words.casefold()]))
        return words_of(words)
    plain = PERCENT.sub("", text).strip()
    if plain != text:
        shape = leaf_of(plain, inner)
        if isinstance(shape, Value):
            return Value(shape.node, shape.decimals, "", True)
    text = TRAILING_CURRENCY.sub(r"\2\1", text)
    if match := CURRENCY.fullmatch(text):
        shape = leaf_of(match.group(1) + match.group(3), inner)
        return Value(shape.node, shape.decimals, CURRENCIES[match.group(2)]) if isinstance(shape, Value) else shape
    if not TRIGONOMETRIC.search(text):
        text = TEMPERATURE.sub(
            lambda m: rf" \text{{{ {'C': 'celsius', 'F': 'fahrenheit'}.get(m.group(1) or '', 'degrees') }}}", text
        )
    for pattern in (TRAILING, GLUED, CHINESE):
        if match := pattern.fullmatch(text):
            unit = unit_name(match.group(2))
            if (
                (pattern is GLUED and not unit)
                or (not unit and is_formula(match.group(2)))
                or BOUNDING.search(match.group(2))
            ):
                continue
            shape = leaf_of(match.group(1).strip(), inner)
            if isinstance(shape, Value) and not shape.unit:
                return Value(shape.node, shape.decimals, unit, shape.percent, "" if unit else noun_of(match.group(2)))
            if isinstance(shape, Ratio):
                return shape
    return expression_of(text, words)


def is_formula(words: str) -> bool:
    """Whether letters are symbols and functions: `ab`, `x ln x`, `rh`, and not `men`, `cm` or `no`."""
    parts = re.findall(r"[A-Za-z]+", words)
    return (
        bool(parts)
        and all(
            part in FUNCTIONS
            or len(part) == 1
            or (len(part) <= 3 and set(part) <= VARIABLES and part not in SHORT_NOUNS)
            or any(part.startswith(name) and len(part) - len(name) == 1 for name in ("sin", "cos", "tan", "ln", "log"))
            for part in parts
        )
        and any(part in FUNCTIONS or len(part) > 1 for part in parts) | (len(parts) > 1)
    )


def noun_of(words: str) -> str:
    return re.sub(r"\\text|[^a-z]", "", words.lower()).rstrip("s")


def words_of(words: str) -> Words:
    """Short ones may be products as well, but for capitals: SAS is not SSA."""
    try:
        return Words(words, parse_expression(words)) if len(words) <= 3 and words not in NO_PRODUCTS else Words(words)
    except NotAnExpression:
        return Words(words)


def expression_of(text: str, words: str) -> Shape:
    if match := next(
        (found for pattern in (REPEATING, DOTS, IN_BRACKETS) if (found := pattern.fullmatch(text.lstrip("-+")))), None
    ):
        whole, fixed, repeated = match.groups()
        value = Fraction(int(whole or 0)) + (
            int(fixed or 0) + Fraction(int(repeated), 10 ** len(repeated) - 1)
        ) / 10 ** len(fixed)
        return number(-value if text.startswith("-") else value)
    try:
        node = parse_expression(text)
    except NotAnExpression:
        if re.search(r"\\(?!text)|[=+^]", text) or not re.search("[A-Za-z]", words):
            return Raw(text)
        return Words(words)
    return Value(node, decimals_of(text.replace(" ", "")))


def decimals_of(text: str) -> int | None:
    """Digits after the point: 2 of 1.25, 7 of 1.25e-5, None of a number that is no decimal."""
    match = DECIMAL.fullmatch(text)
    return len(match.group(1)) - int(match.group(2) or match.group(3) or 0) if match else None
