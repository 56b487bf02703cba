r"""Answers by their shape: a value, a list, a tuple or interval, a set, a union, a matrix, a relation, words."""

import itertools
import re
from fractions import Fraction

from filters.verifiers.mathematics.brackets import OPEN, closes_at_end, pieces_of, split_top
from filters.verifiers.mathematics.quantities import LETTERS, leaf_of
from filters.verifiers.mathematics.relations import OR, bounds_together, relation_of
from filters.verifiers.mathematics.shapes import (
    Collection,
    Group,
    Matrix,
    Raw,
    Reader,
    Several,
    Shape,
    Union,
    Value,
    Words,
    number,
)
from filters.verifiers.mathematics.value import NoValue, value_of

MAX_NESTING = 12
AND = re.compile(
    r"(?<=\d)(?:or|and)(?=-?\d)|\\text\{\s*(?:,?\s*(?:and|or|,|with|xor)\s*)\}|,?\s\b(?:and|or)\b\s|[和与或及]|;|\\text\{\s*;\s*\}"
)
MATRIX = re.compile(
    r"[(\[]?\s?\\begin\{((?:[pbB]|small)?matrix|array)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}\s?[)\]]?", re.DOTALL
)
ROWS = re.compile(
    r"(?:\\\{\s?)?\\begin\{(cases|aligned|align\*?|array|gathered)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}\s?", re.DOTALL
)
POINT = re.compile(r"[A-Z]'?\s?(\([^()]*,[^()]*\))")
THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
SPACED = re.compile(r"(?<![\d.])(\d{1,3}(?: \d{3})+)(?!\d)")
REVERSED = re.compile(r"(\]|\(|\[)([^\[\]()]*,[^\[\]()]*)(\[|\)|\])")
DURATION = re.compile(r"\s*(\d{1,4})\s?h(?:ours?|rs?)?,?\s+(?:and\s+)?(\d{1,2})\s?min(?:utes?|s)?\s*")
WITHOUT = re.compile(
    r"\\mathbb\{R\}\s?(?:\\setminus|-|\\cr)\s?\\\{(.*)\\\}|(?:\\text\{)?\s*all real numbers (?:except"
    r"|but)(?: for)?\s*\}?\s*(.*)"
)
TRANSPOSED = re.compile(r"(\(.*\)|\[.*\])\s?\^\s?\{?(?:T|\\top)\s?\}?")
EVERYTHING = re.compile(
    r"(?:\\text\{)?\s*(?:the set of )?all real(?:s| numbers)(?: [a-z])?\s*\}?|\\mathbb\s?\{?R\}?|\\R|\\Re",
    re.IGNORECASE,
)
NOTHING = re.compile(
    r"(?i)\\emptyset|\\\{\s?\\\}|(?:the )?(?:empty|null) set|no (?:real |such |valid |integer |positive )*(?:solutions?|answers?|values?|roots?)(?: exists?)?"
    r"|none|does not exist|dne|there (?:is|are) (?:no|none).*"
)


def shape_of(text: str, nesting: int = 0) -> Shape:
    """The shape of a tidied answer."""
    text = text.strip().rstrip(".,;:").strip()
    if nesting > MAX_NESTING:
        return Raw(text)
    text = SPACED.sub(lambda m: m.group(1).replace(" ", ""), join_thousands(text))

    def inner(part: str) -> Shape:
        return shape_of(part, nesting + 1)

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
    if (
        text.startswith("(")
        and (r"\pm" in text or r"\mp" in text)
        and split_top(text[1:-1], re.compile(","))[1:]
        and closes_at_end(text)
    ):
        return join([inner(part) for part in both_signs(text)])
    bracketed = bracketed_of(text, inner)
    if bracketed is not None:
        return bracketed
    if r"\pm" in text or r"\mp" in text:
        return join([inner(part) for part in both_signs(text)])
    return leaf_of(text, inner)


def both_signs(text: str) -> list[str]:
    return [re.sub(r"\\pm(?![a-z])\s?", a, re.sub(r"\\mp(?![a-z])\s?", b, text)) for a, b in (("+", "-"), ("-", "+"))]


def without_holes(holes: list[Shape]) -> Shape:
    """The real line without some points."""
    infinity = Value(("sym", "infty"))
    edges: list[Shape] = [Value(("neg", infinity.node)), *sorted(holes, key=place_of), infinity]
    return Union(tuple(Group("(", (low, high), ")") for low, high in itertools.pairwise(edges)))


def place_of(hole: Shape) -> float:
    try:
        return float(value_of(hole.node)) if isinstance(hole, Value) else 0.0
    except (NoValue, TypeError, ValueError):
        return 0.0


def join_thousands(text: str) -> str:
    def joined(match: re.Match[str]) -> str:
        before = text[: match.start()]
        inside = sum(before.count(mark) for mark in "([") > sum(before.count(mark) for mark in ")]") or before.count(
            r"\{"
        ) > before.count(r"\}")
        return match.group(1) if inside else match.group(1).replace(",", "")

    return THOUSANDS.sub(joined, text)


def join(shapes: list[Shape]) -> Shape:
    if len(shapes) == 1:
        return shapes[0]
    flat = [item for shape in shapes for item in (shape.items if isinstance(shape, Several) else (shape,))]
    return Several(tuple(flat))


def matrix_of(body: str, inner: Reader) -> Shape:
    rows = [
        row for row in re.split(r"\\cr(?![a-z])(?:\s?\[[^\]]*\])?", body) if row.strip() and row.strip() != r"\hline"
    ]
    return Matrix(tuple(tuple(inner(cell) for cell in row.split("&")) for row in rows))


def bracketed_of(text: str, inner: Reader) -> Shape | None:
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
