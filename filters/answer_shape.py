r"""Answers by their shape: a value, a list, a tuple or interval, a set, a union, a matrix, a relation, words."""

import re
from dataclasses import dataclass
from fractions import Fraction

from filters.expression import Node, NotAnExpression, parse_expression
from filters.units import CURRENCIES, FRACTION_WORDS, NUMBER_WORDS, unit_name
from filters.value import symbols_of

MAX_NESTING = 12


@dataclass(frozen=True)
class Words:
    words: str
    node: Node | None = None
    """The same letters as a product, for `ab`."""


@dataclass(frozen=True)
class Raw:
    """Mathematics outside the grammar: integrals, sums, cases."""

    text: str


@dataclass(frozen=True)
class Value:
    node: Node
    decimals: int | None = None
    """Digits after the point where it is written as a decimal number."""
    unit: str = ""
    percent: bool = False


@dataclass(frozen=True)
class Several:
    """Alternatives or all solutions: order says nothing."""

    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Group:
    """A tuple, point, vector or interval, with its brackets."""

    opening: str
    items: tuple["Shape", ...]
    closing: str


@dataclass(frozen=True)
class Collection:
    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Union:
    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Matrix:
    rows: tuple[tuple["Shape", ...], ...]


@dataclass(frozen=True)
class Named:
    """`x = 3`, `f(x) = x^2`, `\\text{area} = 5`."""

    name: str
    value: "Shape"
    equation: tuple[Node, Node] | None


@dataclass(frozen=True)
class Equation:
    sides: tuple[Node, Node]


@dataclass(frozen=True)
class Inequality:
    """`left sign right` that is no interval of one symbol; the sign is <, <=, or !=."""

    left: Node
    sign: str
    right: Node


@dataclass(frozen=True)
class Based:
    digits: str
    base: str


@dataclass(frozen=True)
class Ratio:
    parts: tuple["Shape", ...]
    seconds: int | None
    """As a time of day or a duration, where it can be one."""
    half: str


Shape = Words | Raw | Value | Several | Group | Collection | Union | Matrix | Named | Equation | Inequality | Based | Ratio

OPEN, CLOSE = {"(", "[", "{", r"\{", r"\langle"}, {")", "]", "}", r"\}", r"\rangle"}
PIECE = re.compile(r"\\begin\{[a-z]*\*?\}|\\end\{[a-z]*\*?\}|\\text\{[^{}]*\}|\\[A-Za-z]+|\\.|.", re.DOTALL)
AND = re.compile(r"\\text\{\s*(?:,?\s*(?:and|or|,|with|xor)\s*)\}|,?\s\b(?:and|or)\b\s|[和与或及]|;|\\text\{\s*;\s*\}")
COMPARE = re.compile(r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|\\in(?![a-z])|\\approx(?![a-z])|\\equiv(?![a-z])|\\to(?![a-z])|<=|>=|!=|=|<|>")
LABEL = re.compile(r"^(?:\\text\{[^{}]*\}|[A-Za-z](?:_(?:\w|\{\w+\}))?'*|\\[a-z]+(?:_(?:\w|\{\w+\}))?|[A-Za-z]'*(?:\^\{-1\})?\s?\(\s*[\w, ]+\s*\)|[A-Za-z][A-Za-z ]+|\|?[A-Z]{2,3}\|?|\|[A-Za-z]{1,3}\||\\angle\s?[A-Z]{1,3}|[A-Z]\([^()]*\)|[a-z](?:\s?\+\s?[a-z]){1,4}|\\overline\s?\{?[A-Z]{2,3}\}?|\\det\s?\(?[A-Z]\)?|\\frac\{d(?:\^\{?\d\}?)?\s?[a-z]?\}\{d\s?[a-z](?:\^\{?\d\}?)?\}|\\(?:sin|cos|tan|cot|sec|csc|ln|log|arg)\s?\(?\s?(?:\\?[A-Za-z]{1,5}|\\angle\s?[A-Z]{1,3})\s?\)?)$")
THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
SPACED = re.compile(r"(?<![\d.])(\d{1,3}(?: \d{3})+)(?!\d)")
DECIMAL = re.compile(r"[-+]?\d*\.(\d+)(?:[eE]([-+]?\d{1,3})|\\(?:times|cdot)10\^\{?([-+]?\d{1,3})\}?)?")
REPEATING = re.compile(r"(\d*)\.(\d*)\\overline\s?\{?(\d+)\}?")
DOTS = re.compile(r"(\d*)\.(\d*?)(\d{1,6}?)\3{2,}\s?(?:\\dots|\\ldots|\\cdots|\.\.\.|…)")
BASED = re.compile(r"\(?(-?[0-9A-Fa-f]+)\)?_\{?(?:\\text\{)?\s*(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s*\}*")
BASED_BY_LETTER = re.compile(r"\(?(\d{2,})\)?_\{?\s*([a-z])\s*\}?")
PREFIXED = re.compile(r"([-+]?0[xob])([0-9a-f]{1,1000})", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:\\text\{)?\s*([ap])?\.?\s?(?:m\.?)?\s*\}?", re.IGNORECASE)
LEADING = re.compile(r"^(?:\\text\{(?![^{}]*\b(?:not|least|most|more|less|than|over|under|no|between|except|minus|negative|never|half|plus|times)\b)[^{}]*\}\s*:?\s*(?=[\\\d(\[{+-])|\\therefore\s?|\\approx\s?|(?:approximately|about|exactly|is|are|equals?|roughly|~)\s+)")
CURRENCY = re.compile(r"([-+]?)\s?(\\\$|[€£¥₹])\s?(.*)", re.DOTALL)
TEMPERATURE = re.compile(r"\s?\^\s?\{?\s?\\circ\s?\}?\s?(?:\\text\{\s*)?([CF])?(?:\s*\})?$")
REVERSED = re.compile(r"(\]|\(|\[)([^\[\]()]*,[^\[\]()]*)(\[|\)|\])")
CHINESE = re.compile(r"^([-+\d./\\{}a-z ]*[\d}])\s?([\u4e00-\u9fff]{1,4})$")
TRAILING = re.compile(r"^(.*?[\d)}\]a-z!'%])\s*((?:\\text\{[^{}]*\}|(?<=\s)[A-Za-z]{2,}[A-Za-z .'/-]*)(?:\s?/\s?(?:\\text\{[^{}]*\}|[A-Za-z]+))?(?:\s?\^\s?\{?[23]\}?)?(?:\s*\([A-Za-z]+\))?)$", re.DOTALL)
GLUED = re.compile(r"^([-+]?[\d.,]+)\s?((?:[A-Za-zµ]{2,}|[mgslh])(?:/[a-z]+)?(?:\^\{?[23]\}?)?)$")
EVERYTHING = re.compile(r"(?:\\text\{)?\s*(?:the set of )?all real(?:s| numbers)(?: [a-z])?\s*\}?|\\mathbb\s?\{?R\}?|\\R|\\Re", re.IGNORECASE)
NOTHING = re.compile(
    r"(?i)\\emptyset|\\\{\s?\\\}|(?:the )?(?:empty|null) set|no (?:real |such |valid |integer |positive )*(?:solutions?|answers?|values?|roots?)(?: exists?)?"
    r"|none|does not exist|dne|there (?:is|are) (?:no|none).*"
)
NEGATIVE = re.compile(r"^(?:\\text\{\s*)?(?:[Nn]egative|[Mm]inus)(?:\s*\}\s*|\s+)(?=[\d\\.])")
DOLLARS = re.compile(r"^(?:\\text\{\s*)?US(?:D|\\?\$)\s?\}?\s?(?=\d)")
LARGE_NUMBERS = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
LARGE = re.compile(r"(.*\d)\s?(?:\\text\{\s*)?(hundred|thousand|million|billion|trillion)\s?\}?", re.IGNORECASE)
PERCENT = re.compile(r"\s*(%|\\text\{\s*percent\s*\}|percent)$")
LETTERS = re.compile(r"[A-Za-z][A-Za-z '’.-]*")


def shape_of(text: str, thousands: bool = True, nesting: int = 0) -> Shape:
    """The shape of a tidied answer. `thousands`: read `1,000` as one number, not as a list."""
    text = text.strip().rstrip(".,;:").strip()
    if nesting > MAX_NESTING:
        return Raw(text)
    if thousands:
        text = SPACED.sub(lambda m: m.group(1).replace(" ", ""), join_thousands(text))

    def inner(part: str) -> Shape:
        return shape_of(part, thousands, nesting + 1)

    if text.startswith("{") and closes_at_end(text):
        return inner(text[1:-1])
    if whole := re.fullmatch(r"\\text\{([^{}]*)\}", text):
        return inner(whole.group(1).strip()) if whole.group(1).strip() else Raw("")
    if matrix := re.fullmatch(r"\\begin\{([a-zA-Z]*matrix|array)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}", text, re.DOTALL):
        return matrix_of(matrix.group(2), inner)
    for split in (split_top(text, AND), split_top(text, re.compile(","))):
        if len(split) > 1:
            return join([inner(part) for part in split if part.strip()])
    if NOTHING.fullmatch(text):
        return Words("none")
    if EVERYTHING.fullmatch(text):
        return Group("(", (Value(("neg", ("sym", "infty"))), Value(("sym", "infty"))), ")")
    unions = split_top(text, re.compile(r"\\cup(?![a-z])"))
    if len(unions) > 1:
        return Union(tuple(inner(part) for part in unions))
    relation = relation_of(text, inner)
    if relation is not None:
        return relation
    if match := REVERSED.fullmatch(text):  # ]0, 1[ is how half of Europe writes (0, 1)
        text = f"{'(' if match.group(1) == ']' else match.group(1)}{match.group(2)}{')' if match.group(3) == '[' else match.group(3)}"
    bracketed = bracketed_of(text, inner)
    if bracketed is not None:
        return bracketed
    if r"\pm" in text or r"\mp" in text:
        return Several(tuple(inner(re.sub(r"\\pm(?![a-z])\s?", a, re.sub(r"\\mp(?![a-z])\s?", b, text))) for a, b in (("+", "-"), ("-", "+"))))
    return leaf_of(text, inner)


def join_thousands(text: str) -> str:
    def joined(match: re.Match[str]) -> str:
        before = text[: match.start()]
        inside = sum(before.count(mark) for mark in "([") > sum(before.count(mark) for mark in ")]") or before.count(r"\{") > before.count(r"\}")
        return match.group(1) if inside else match.group(1).replace(",", "")

    return THOUSANDS.sub(joined, text)


def pieces_of(text: str) -> list[tuple[str, int, int]]:
    """(piece, its position, depth outside it)."""
    found, depth = [], 0
    for match in PIECE.finditer(text):
        piece = match.group()
        if piece in CLOSE or piece.startswith(r"\end"):
            depth -= 1
        found.append((piece, match.start(), depth))
        if piece in OPEN or piece.startswith(r"\begin"):
            depth += 1
    return found


def split_top(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split where the separator stands outside every bracket."""
    if not separator.search(text):
        return [text]
    outside = {position for _, position, depth in pieces_of(text) if depth == 0}
    parts, start = [], 0
    for match in separator.finditer(text):
        if match.start() in outside:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def closes_at_end(text: str) -> bool:
    """Whether the bracket that opens the text is closed by its last character."""
    pieces = pieces_of(text)
    zero = [index for index, (_, _, depth) in enumerate(pieces) if depth == 0]
    return len(pieces) > 1 and pieces[-1][0] in CLOSE and zero == [0, len(pieces) - 1]


def join(shapes: list[Shape]) -> Shape:
    if len(shapes) == 1:
        return shapes[0]
    flat = [item for shape in shapes for item in (shape.items if isinstance(shape, Several) else (shape,))]
    return Several(tuple(flat))


def matrix_of(body: str, inner) -> Shape:  # type: ignore[no-untyped-def]
    rows = [row for row in re.split(r"\\cr(?![a-z])(?:\s?\[[^\]]*\])?", body) if row.strip() and row.strip() != r"\hline"]
    return Matrix(tuple(tuple(inner(cell) for cell in row.split("&")) for row in rows))


def bracketed_of(text: str, inner) -> Shape | None:  # type: ignore[no-untyped-def]
    pieces = pieces_of(text)
    if not pieces or pieces[0][0] not in OPEN or not closes_at_end(text):
        return None
    opening, closing = pieces[0][0], pieces[-1][0]
    body = text[len(opening) : pieces[-1][1]]
    if opening == r"\{":
        builder = split_top(body, re.compile(r"\||(?<![:\d]):(?!\d)"))
        if len(builder) == 2:
            return inner(builder[1])
        return Collection(tuple(inner(part) for part in split_top(body, re.compile("[,;]"))))
    parts = split_top(body, re.compile("[,;]"))
    if len(parts) > 1:
        angled = {r"\langle": "(", r"\rangle": ")"}
        if opening == "[" and all(part.strip().startswith("[") for part in parts):
            rows = [inner(part) for part in parts]
            if all(isinstance(row, Group) for row in rows):
                return Matrix(tuple(row.items for row in rows if isinstance(row, Group)))
        return Group(angled.get(opening, opening), tuple(inner(part) for part in parts), angled.get(closing, closing))
    if opening == "(" and closing == ")" and (LETTERS.fullmatch(body.strip()) or body.strip().startswith(r"\text")):
        return inner(body)  # (B), (even)
    return None


def relation_of(text: str, inner) -> Shape | None:  # type: ignore[no-untyped-def]
    outside = {position for _, position, depth in pieces_of(text) if depth == 0}
    found = [match for match in COMPARE.finditer(text) if match.start() in outside]
    if not found:
        return None
    bounds = [0, *[edge for match in found for edge in match.span()], len(text)]
    sides = [text[bounds[at] : bounds[at + 1]].strip() for at in range(0, len(bounds), 2)]
    signs = [{r"\le": "<=", r"\ge": ">=", r"\ne": "!="}.get(match.group(), match.group()) for match in found]
    if signs[-1] == r"\approx" and sides[0] and not LABEL.fullmatch(sides[0]):
        return inner(text[: found[-1].start()])  # 22/7 is about 3.14
    if signs[-1] in (r"\in", r"\to", r"\approx") and sides[-1]:
        return inner(sides[-1])
    if not sides[0]:
        return inner(sides[1]) if signs == ["="] else Raw(text)
    if set(signs) == {"="}:
        return equation_of(sides, inner)
    if set(signs) <= {"<", "<=", ">", ">=", "!="}:
        return inequality_of(sides, signs, inner)
    return Raw(text)


def equation_of(sides: list[str], inner) -> Shape:  # type: ignore[no-untyped-def]
    first, last = sides[0], sides[-1]
    if not LABEL.fullmatch(first) and LABEL.fullmatch(last) and len(last) <= 2:
        first, last = last, first
    try:
        nodes = parse_expression(first), parse_expression(last)
    except NotAnExpression:
        nodes = None
    if LABEL.fullmatch(first) or (nodes is None and first.strip().startswith(r"\text")):
        return Named(first.replace(" ", ""), inner(last), nodes)
    if nodes is None:
        shape = inner(last)
        is_result = isinstance(shape, Value) and not symbols_of(shape.node) and is_number(first)  # 12 + 30 = 42 pencils
        return shape if is_result or isinstance(shape, Group | Matrix | Collection) else Raw("=".join(sides))
    if not symbols_of(nodes[0]) and not symbols_of(nodes[1]):
        return inner(last)  # 2 + 3 = 5
    return Equation(nodes)


def is_number(text: str) -> bool:
    try:
        return not symbols_of(parse_expression(text))
    except NotAnExpression:
        return False


def inequality_of(sides: list[str], signs: list[str], inner) -> Shape:  # type: ignore[no-untyped-def]
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}
    symbol = [at for at, side in enumerate(sides) if LABEL.fullmatch(side) and side not in (r"\infty", r"\pi", "e")]
    infinity = Value(("sym", "infty"))
    minus = Value(("neg", ("sym", "infty")))
    if len(sides) == 2 and symbol and signs[0] != "!=":
        at = symbol[0]
        sign = signs[0] if at == 0 else turned[signs[0]]
        bound = inner(sides[1 - at])
        closed = sign.endswith("=")
        if sign.startswith(">"):
            return Group("[" if closed else "(", (bound, infinity), ")")
        return Group("(", (minus, bound), "]" if closed else ")")
    if len(sides) == 3 and symbol == [1] and len({sign[0] for sign in signs}) == 1:
        low, high, first, second = sides[0], sides[2], signs[0], signs[1]
        if first[0] == ">":
            low, high, first, second = high, low, second, first
        return Group("[" if first.endswith("=") else "(", (inner(low), inner(high)), "]" if second.endswith("=") else ")")
    if len(sides) == 2 and symbol and signs[0] == "!=":
        hole = inner(sides[1 - symbol[0]])
        return Union((Group("(", (minus, hole), ")"), Group("(", (hole, infinity), ")")))
    try:
        nodes = [parse_expression(side) for side in sides]
    except NotAnExpression:
        return Raw(" ".join(sides))
    if len(nodes) != 2:
        return Raw(" ".join(sides))
    if signs[0].startswith(">"):
        nodes, signs = nodes[::-1], [turned[signs[0]]]
    return Inequality(nodes[0], signs[0], nodes[1])


def leaf_of(text: str, inner) -> Shape:  # type: ignore[no-untyped-def]
    text = DOLLARS.sub(r"\\$", NEGATIVE.sub("-", text))
    if match := LARGE.fullmatch(text):
        shape = inner(match.group(1))
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
    if match := CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
        parts = tuple(number(int(part)) for part in match.group(1, 2, 3) if part)
        is_time = hour <= 24 and minute < 60 and second < 60
        seconds = 3600 * hour + 60 * minute + second
        return Ratio(parts, seconds if is_time else None, (match.group(4) or "").lower())
    if len(parts := split_top(text, re.compile(r":|\\text\{\s*to\s*\}"))) > 1 and all(part.strip() for part in parts):
        return Ratio(tuple(inner(part) for part in parts), None, "")
    words = re.sub(r"\\text\{([^{}]*)\}", r"\1", text).strip()
    if LETTERS.fullmatch(words) and (len(words) > 1 or words in "Nn"):
        if infinite := re.fullmatch(r"(?i)(positive |negative |minus )?infinity", words):
            return Value(("neg", ("sym", "infty")) if infinite.group(1) in ("negative ", "minus ") else ("sym", "infty"))
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
    if match := CURRENCY.fullmatch(text):
        shape = leaf_of(match.group(1) + match.group(3), inner)
        return Value(shape.node, shape.decimals, CURRENCIES[match.group(2)]) if isinstance(shape, Value) else shape
    text = TEMPERATURE.sub(lambda m: rf" \text{{{ {'C': 'celsius', 'F': 'fahrenheit'}.get(m.group(1) or '', 'degrees') }}}", text)
    for pattern in (TRAILING, GLUED, CHINESE):
        if match := pattern.fullmatch(text):
            unit = unit_name(match.group(2))
            if pattern is GLUED and not unit:
                continue
            shape = leaf_of(match.group(1).strip(), inner)
            if isinstance(shape, Value) and not shape.unit:
                return Value(shape.node, shape.decimals, unit, shape.percent)
            if isinstance(shape, Ratio):
                return shape
    return expression_of(text, words)


def number(value: int | Fraction) -> Value:
    return Value(("num", Fraction(value)))


def words_of(words: str) -> Words:
    try:
        return Words(words, parse_expression(words)) if len(words) <= 3 else Words(words)
    except NotAnExpression:
        return Words(words)


def expression_of(text: str, words: str) -> Shape:
    if match := REPEATING.fullmatch(text.lstrip("-+")) or DOTS.fullmatch(text.lstrip("-+")):
        whole, fixed, repeated = match.groups()
        value = Fraction(int(whole or 0)) + (int(fixed or 0) + Fraction(int(repeated), 10 ** len(repeated) - 1)) / 10 ** len(fixed)
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
