r"""Answers by their shape: a value, a list, a tuple or interval, a set, a union, a matrix, a relation, words."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from filters.expression import FUNCTIONS, Node, NotAnExpression, parse_expression
from filters.units import CURRENCIES, FRACTION_WORDS, NUMBER_WORDS, SHORT_NOUNS, unit_name
from filters.value import NoValue, symbols_of, value_of

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
    noun: str = field(default="", compare=False)
    """What is counted, where it is no unit: it matters between the items of a list only."""


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
    is_interval: bool = field(default=False, compare=False)
    """Whether it was written as inequalities."""


@dataclass(frozen=True)
class Collection:
    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Union:
    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Meeting:
    """Intervals that hold together: `x > 1 and x < 5`."""

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


Shape = Words | Raw | Value | Several | Group | Collection | Union | Meeting | Matrix | Named | Equation | Inequality | Based | Ratio

OPEN, CLOSE = {"(", "[", "{", r"\{", r"\langle"}, {")", "]", "}", r"\}", r"\rangle"}
PIECE = re.compile(r"\\begin\{[a-z]*\*?\}|\\end\{[a-z]*\*?\}|\\text\{[^{}]*\}|\\[A-Za-z]+|\\.|.", re.DOTALL)
AND = re.compile(r"\\text\{\s*(?:,?\s*(?:and|or|,|with|xor)\s*)\}|,?\s\b(?:and|or)\b\s|[和与或及]|;|\\text\{\s*;\s*\}")
MATRIX = re.compile(r"[(\[]?\s?\\begin\{([a-zA-Z]*matrix|array)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}\s?[)\]]?", re.DOTALL)
ROWS = re.compile(r"(?:\\\{\s?)?\\begin\{(cases|aligned|align\*?|array|gathered)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}\s?", re.DOTALL)
POINT = re.compile(r"[A-Z]'?\s?(\([^()]*,[^()]*\))")
OR = re.compile(r"\bor\b|或")
INEQUALITY = re.compile(r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|<=|>=|!=|<|>")
COMPARE = re.compile(r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|\\in(?![a-z])|\\approx(?![a-z])|\\equiv(?![a-z])|\\to(?![a-z])|<=|>=|!=|=|<|>")
LABEL = re.compile(r"^(?:\\text\{[^{}]*\}|[A-Za-z](?:_(?:\w|\{\w+\}))?'*|\\[a-z]+(?:_(?:\w|\{\w+\}))?|[A-Za-z]'*(?:\^\{-1\})?\s?\(\s*[\w, ]+\s*\)|[A-Za-z][A-Za-z ]+|\|?[A-Z]{2,3}\|?|\|[A-Za-z]{1,3}\||\\angle\s?[A-Z]{1,3}|[A-Z]\([^()]*\)|[a-z](?:\s?\+\s?[a-z]){1,4}|\\overline\s?\{?[A-Z]{2,3}\}?|\\det\s?\(?[A-Z]\)?|\\frac\{d(?:\^\{?\d\}?)?\s?[a-z]?\}\{d\s?[a-z](?:\^\{?\d\}?)?\}|\\(?:sin|cos|tan|cot|sec|csc|ln|log|arg)\s?\(?\s?(?:\\?[A-Za-z]{1,5}|\\angle\s?[A-Z]{1,3})\s?\)?)$")
THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
SPACED = re.compile(r"(?<![\d.])(\d{1,3}(?: \d{3})+)(?!\d)")
DECIMAL = re.compile(r"[-+]?\d*\.(\d+)(?:[eE]([-+]?\d{1,3})|\\(?:times|cdot)10\^\{?([-+]?\d{1,3})\}?)?")
REPEATING = re.compile(r"(\d*)\.(\d*)\\overline\s?\{?(\d+)\}?")
DOTS = re.compile(r"(\d*)\.(\d*?)(\d{1,6}?)(?:\3{2,}|(?<=\d{3})\3)\s?\\dots")
IN_BRACKETS = re.compile(r"(\d*)\.(\d*)\((\d+)\)")
BASED = re.compile(r"\(?(-?[0-9A-Fa-f]+)\)?_\{?(?:\\text\{)?\s*(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s*\}*")
BASED_BY_LETTER = re.compile(r"\(?(\d{2,})\)?_\{?\s*([a-z])\s*\}?")
PREFIXED = re.compile(r"([-+]?0[xob])([0-9a-f]{1,1000})", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:\\text\{)?\s*([ap])?\.?\s?(?:m\.?)?\s*\}?", re.IGNORECASE)
HOUR = re.compile(r"(\d{1,2})\s*(?:\\text\{)?\s*([ap])\.?\s?m\.?\s*\}?", re.IGNORECASE)
NOON = re.compile(r"\s*(?:\\text\{)?\s*noon\s*\}?$", re.IGNORECASE)
PROPORTION = re.compile(r"(\d{1,9})\s(?:in|out of)\s(\d{1,9})")
ORDINAL = re.compile(r"(\d{1,9})\s?(?:\^\s?)?\{?\s?(?:\\text\{)?\s?(?:st|nd|rd|th)\s?\}*")
LEADING = re.compile(r"^(?:\\text\{(?![^{}]*\b(?:not|least|most|more|less|than|over|under|no|between|except|minus|negative|never|half|plus|times)\b)[^{}]*\}\s*:?\s*(?=[\\\d(\[{+-])|\\therefore\s?|\\approx\s?|(?:approximately|about|exactly|is|are|equals?|roughly|~)\s+)")
CURRENCY = re.compile(r"([-+]?)\s?(\\\$|[€£¥₹])\s?(.*)", re.DOTALL)
TRAILING_CURRENCY = re.compile(r"^([\d.,]+)\s?([€£¥₹]|\\\$)$")
TRIGONOMETRIC = re.compile(r"sin|cos|tan|cot|sec|csc")
TEMPERATURE = re.compile(r"\s?\^\s?\{?\s?\\circ\s?\}?\s?(?:\\text\{\s*)?([CF])?(?:\s*\})?$")
REVERSED = re.compile(r"(\]|\(|\[)([^\[\]()]*,[^\[\]()]*)(\[|\)|\])")
CHINESE = re.compile(r"^([-+\d./\\{}a-z ]*[\d}])\s?([\u4e00-\u9fff]{1,4})$")
TRAILING = re.compile(r"^(.*?[\d)}\]a-z!'%])\s*((?:\\text\{[^{}]*\}|(?<=\s)[A-Za-z]{2,}[A-Za-z .'/-]*)(?:\s?/\s?(?:\\text\{[^{}]*\}|[A-Za-z]+))?(?:\s?\^\s?\{?[23]\}?)?(?:\s*\([A-Za-z]+\))?)$", re.DOTALL)
GLUED = re.compile(r"^([-+]?[\d.,]+)\s?((?:[A-Za-zµ]{2,}|[mgslh])(?:/[a-z]+)?(?:\^\{?[23]\}?)?)$")
DURATION = re.compile(r"\s*(\d{1,4})\s?h(?:ours?|rs?)?,?\s+(?:and\s+)?(\d{1,2})\s?min(?:utes?|s)?\s*")
WITHOUT = re.compile(r"\\mathbb\{R\}\s?(?:\\setminus|-|\\cr)\s?\\\{(.*)\\\}|(?:\\text\{)?\s*all real numbers (?:except|but)(?: for)?\s*\}?\s*(.*)")
TRANSPOSED = re.compile(r"(\(.*\)|\[.*\])\s?\^\s?\{?(?:T|\\top)\s?\}?")
EVERYTHING = re.compile(r"(?:\\text\{)?\s*(?:the set of )?all real(?:s| numbers)(?: [a-z])?\s*\}?|\\mathbb\s?\{?R\}?|\\R|\\Re", re.IGNORECASE)
NOTHING = re.compile(
    r"(?i)\\emptyset|\\\{\s?\\\}|(?:the )?(?:empty|null) set|no (?:real |such |valid |integer |positive )*(?:solutions?|answers?|values?|roots?)(?: exists?)?"
    r"|none|does not exist|dne|there (?:is|are) (?:no|none).*"
)
NEGATIVE = re.compile(r"^(?:\\text\{\s*)?(?:[Nn]egative|[Mm]inus)(?:\s*\}\s*|\s+)(?=[\d\\.])")
DOLLARS = re.compile(r"^(?:\\text\{\s*)?US(?:D|\\?\$)\s?\}?\s?(?=\d)")
LARGE_NUMBERS = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
LARGE = re.compile(r"(.*\d)\s?(?:\\text\{\s*)?(dozen|hundred|thousand|million|billion|trillion)\b(\s[a-z ]+)?\s?\}?", re.IGNORECASE)
PERCENT = re.compile(r"\s*(%|\\text\{\s*percent\s*\}|percent)$")
NO_PRODUCTS = {"no", "on", "to", "so", "at", "as", "am", "an", "or", "in", "is", "it", "yes", "odd", "all", "any"}
VARIABLES = set("abcdhklmnpqrstuvwxyz")
BOUNDING = re.compile(r"\b(?:or|more|less|least|most|not|than|fewer|over|under|times|squared|cubed|dozen)\b")
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
    if (matrix := MATRIX.fullmatch(text)) and "=" not in text:
        return matrix_of(matrix.group(2), inner)
    for split in (split_top(text, AND), split_top(text, re.compile(","))):
        if len(split) > 1:
            parts = [part.strip() for part in split if part.strip()]
            return bounds_together(parts, bool(OR.search(text)), inner) or join([inner(part) for part in parts])
    if NOTHING.fullmatch(text):
        return Words("none")
    if duration := DURATION.fullmatch(re.sub(r"\\text\{([^{}]*)\}", r"\1", text)):
        hours, minutes = duration.groups()
        return Value(("num", Fraction(60 * int(hours) + int(minutes))), None, "minute")
    if without := WITHOUT.fullmatch(text):
        return without_holes([inner(hole) for hole in split_top(without.group(1) or without.group(2), re.compile(","))])
    if text in (r"\mathbb{R}^+", r"\mathbb{R}^{+}", r"\mathbb{R}_+", r"\mathbb{R}_{+}"):
        return Group("(", (number(0), Value(("sym", "infty"))), ")")
    if transposed := TRANSPOSED.fullmatch(text):
        return inner(transposed.group(1))
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
    if rows := ROWS.fullmatch(text):
        parts = [part.replace("&", "") for part in re.split(r"\\cr(?![a-z])", rows.group(2)) if part.strip()]
        if all("=" in part for part in parts):
            return join([inner(part) for part in parts])
    if point := POINT.fullmatch(text):
        return inner(point.group(1))
    if text.startswith("(") and (r"\pm" in text or r"\mp" in text) and split_top(text[1:-1], re.compile(","))[1:] and closes_at_end(text):
        return join([inner(part) for part in both_signs(text)])
    bracketed = bracketed_of(text, inner)
    if bracketed is not None:
        return bracketed
    if r"\pm" in text or r"\mp" in text:
        return join([inner(part) for part in both_signs(text)])
    return leaf_of(text, inner)


def both_signs(text: str) -> list[str]:
    return [re.sub(r"\\pm(?![a-z])\s?", a, re.sub(r"\\mp(?![a-z])\s?", b, text)) for a, b in (("+", "-"), ("-", "+"))]


def bounds_together(parts: list[str], is_or: bool, inner) -> Shape | None:  # type: ignore[no-untyped-def]
    """`x > 1 and x < 5` is one interval, `x < 1 or x > 5` a union, `x > 0, y < 0` one for each name."""
    if any(not INEQUALITY.search(part) or "=" in re.sub(r"[<>!]=", "", part) for part in parts):
        return None
    shapes = [inner(part) for part in parts]
    names = [name for name in (bounded_name(part) for part in parts) if name]
    if len(names) != len(parts) or not all(isinstance(shape, Group | Union) for shape in shapes):
        return None
    if len(set(names)) > 1:
        return Several(tuple(Named(name, shape, None) for name, shape in zip(names, shapes, strict=True)))
    if is_or:
        return Union(tuple(item for shape in shapes for item in (shape.items if isinstance(shape, Union) else (shape,))))
    return Meeting(tuple(shapes))


def bounded_name(part: str) -> str | None:
    sides = [side.strip() for side in INEQUALITY.split(part)]
    return next((side for side in sides if LABEL.fullmatch(side) and side not in (r"\infty", r"\pi", "e")), None)


def without_holes(holes: list[Shape]) -> Shape:
    """The real line without some points."""
    infinity = Value(("sym", "infty"))
    edges: list[Shape] = [Value(("neg", infinity.node)), *sorted(holes, key=place_of), infinity]
    return Union(tuple(Group("(", (low, high), ")") for low, high in zip(edges, edges[1:], strict=False)))


def place_of(hole: Shape) -> float:
    try:
        return float(value_of(hole.node)) if isinstance(hole, Value) else 0.0
    except (NoValue, TypeError, ValueError):
        return 0.0


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
        items = join([inner(part) for part in split_top(body, re.compile("[,;]"))])
        return Collection(items.items if isinstance(items, Several) else (items,))
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
    if signs[-1] == r"\approx" and sides[0] and (len(sides) > 2 or not LABEL.fullmatch(sides[0])):
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


def chain_of(sides: list[str], signs: list[str]) -> str:
    """`a < b < c`, the smaller first."""
    if all(sign[0] == ">" for sign in signs):
        sides, signs = sides[::-1], [sign.replace(">", "<") for sign in signs[::-1]]
    return " ".join(part for pair in zip(sides, [*signs, ""], strict=True) for part in pair)


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
    if len(sides) == 2 and symbol and signs[0] != "!=" and (name := re.fullmatch(r"\|([a-zA-Z])\|", sides[symbol[0]])):
        bound = sides[1 - symbol[0]]
        sign = signs[0] if symbol[0] == 0 else turned[signs[0]]
        if sign[0] == "<":
            return inner(f"-({bound}) {sign} {name.group(1)} {sign} {bound}")
        return Union((inner(f"{name.group(1)} {sign} {bound}"), inner(f"{name.group(1)} {turned[sign]} -({bound})")))
    if len(sides) == 2 and symbol and signs[0] != "!=":
        at = symbol[0]
        sign = signs[0] if at == 0 else turned[signs[0]]
        bound = inner(sides[1 - at])
        closed = sign.endswith("=")
        if sign.startswith(">"):
            return Group("[" if closed else "(", (bound, infinity), ")", True)
        return Group("(", (minus, bound), "]" if closed else ")", True)
    if len(sides) == 3 and symbol == [1] and len({sign[0] for sign in signs}) == 1:
        low, high, first, second = sides[0], sides[2], signs[0], signs[1]
        if first[0] == ">":
            low, high, first, second = high, low, second, first
        return Group("[" if first.endswith("=") else "(", (inner(low), inner(high)), "]" if second.endswith("=") else ")", True)
    if len(sides) == 2 and symbol and signs[0] == "!=":
        hole = inner(sides[1 - symbol[0]])
        return Union((Group("(", (minus, hole), ")"), Group("(", (hole, infinity), ")")))
    try:
        nodes = [parse_expression(side) for side in sides]
    except NotAnExpression:
        return Raw(chain_of(sides, signs))
    if len(nodes) != 2:
        return Raw(chain_of(sides, signs))
    if signs[0].startswith(">"):
        nodes, signs = nodes[::-1], [turned[signs[0]]]
    return Inequality(nodes[0], signs[0], nodes[1])


def leaf_of(text: str, inner) -> Shape:  # type: ignore[no-untyped-def]
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
        parts = tuple(number(int(part)) for part in match.group(1, 2, 3) if part)
        is_time = hour <= 24 and minute < 60 and second < 60
        seconds = 3600 * hour + 60 * minute + second
        return Ratio(parts, seconds if is_time else None, (match.group(4) or "").lower())
    if len(parts := split_top(text, re.compile(r":|\\text\{\s*to\s*\}|(?<=\d)\sto\s(?=\d)"))) > 1 and all(part.strip() for part in parts):
        return Ratio(tuple(inner(part) for part in parts), None, "")
    words = re.sub(r"\\text\{([^{}]*)\}", r"\1", text).strip()
    if LETTERS.fullmatch(words) and (len(words) > 1 or words in "Nn") and not (is_formula(words) and " " in words):
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
    text = TRAILING_CURRENCY.sub(r"\2\1", text)
    if match := CURRENCY.fullmatch(text):
        shape = leaf_of(match.group(1) + match.group(3), inner)
        return Value(shape.node, shape.decimals, CURRENCIES[match.group(2)]) if isinstance(shape, Value) else shape
    if not TRIGONOMETRIC.search(text):
        text = TEMPERATURE.sub(lambda m: rf" \text{{{ {'C': 'celsius', 'F': 'fahrenheit'}.get(m.group(1) or '', 'degrees') }}}", text)
    for pattern in (TRAILING, GLUED, CHINESE):
        if match := pattern.fullmatch(text):
            unit = unit_name(match.group(2))
            if (pattern is GLUED and not unit) or (not unit and is_formula(match.group(2))) or BOUNDING.search(match.group(2)):
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
    return bool(parts) and all(
        part in FUNCTIONS or len(part) == 1 or (len(part) <= 3 and set(part) <= VARIABLES and part not in SHORT_NOUNS)
        or any(part.startswith(name) and len(part) - len(name) == 1 for name in ("sin", "cos", "tan", "ln", "log"))
        for part in parts
    ) and any(part in FUNCTIONS or len(part) > 1 for part in parts) | (len(parts) > 1)


def noun_of(words: str) -> str:
    return re.sub(r"\\text|[^a-z]", "", words.lower()).rstrip("s")


def number(value: int | Fraction) -> Value:
    return Value(("num", Fraction(value)))


def words_of(words: str) -> Words:
    """Short ones may be products as well, but for capitals: SAS is not SSA."""
    try:
        return Words(words, parse_expression(words)) if len(words) <= 3 and words not in NO_PRODUCTS else Words(words)
    except NotAnExpression:
        return Words(words)


def expression_of(text: str, words: str) -> Shape:
    if match := next((found for pattern in (REPEATING, DOTS, IN_BRACKETS) if (found := pattern.fullmatch(text.lstrip("-+")))), None):
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
