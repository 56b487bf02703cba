r"""Reads an answer's shape: a value, a list, a tuple or interval, a set, a union, a matrix, a relation or words."""

import re

from filters.verifiers.mathematics.brackets import OPEN, closes_at_end, pieces_of, split_top
from filters.verifiers.mathematics.inequalities import OR, bounds_together
from filters.verifiers.mathematics.intervals import without_points
from filters.verifiers.mathematics.matrices import matrix_of
from filters.verifiers.mathematics.phrases import known_phrase
from filters.verifiers.mathematics.plain_words import LETTERS
from filters.verifiers.mathematics.quantities import leaf_of
from filters.verifiers.mathematics.relations import COMPARE, is_number, relation_of
from filters.verifiers.mathematics.shapes import (
    Collection,
    Group,
    Matrix,
    Named,
    Raw,
    Reader,
    Several,
    Shape,
    Union,
)

MAX_NESTING = 12
OPENING = tuple(OPEN)
# "1, 2 and 3"
AND = re.compile(
    r"(?<=[\d)])(?:or|and)(?=[-(]?\d)|\\text\{\s*(?:,?\s*(?:and|or|und|oder|et|ou|y|e|и|или|,|with|xor|[和与或及、])\s*)\}|,?\s\b(?:and|or|und|oder|et|ou|и|или)\b\s|[和与或及]|;|\\text\{\s*;\s*\}"
)
# "\begin{cases}x=1\end{cases}"
ROWS = re.compile(
    r"(?:\\\{\s?)?\\begin\{(cases|aligned|align\*?|array|gathered)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}\s?", re.DOTALL
)
# "x & y"
SEVERAL_CELLS = re.compile(r"&|\\(?:cr|begin|end)(?![a-z])")
# "A(1, 2)"
POINT = re.compile(r"[A-Z]'?\s?(\([^()]*,[^()]*\))")
# "1,234,567", but not "0,125"
THOUSANDS = re.compile(r"(?<![\d.,])([1-9]\d{0,2}(?:,\d{3})+)(?![\d,])")
# "1 234 567", "1'234'567", "1_234_567", "1.234.567"
SPACED = re.compile(r"(?<![\d.])(\d{1,3}(?:(?: \d{3})+|(?:'\d{3})+|(?:_\d{3})+|(?:\.\d{3}){2,}))(?!\d)(?!\.\d+\.)")
SEPARATORS = str.maketrans("", "", " '_.")
# "]0, 1["
REVERSED = re.compile(r"(\]|\(|\[)([^\[\]()]*[,;][^\[\]()]*)(\[|\)|\])")
# "\text{even}"
TEXT_ALONE = re.compile(r"\\text\{([^{}]*)\}")
COMMA, COMMA_OR_SEMICOLON, SEMICOLON = re.compile(","), re.compile("[,;]"), re.compile(";")
# "x"
ONE_LETTER = re.compile(r"[A-Za-z]")
# "(0, 1) \cup (2, 3)"
CUP = re.compile(r"\\cup(?![a-z])")
# "[0, 5] \setminus \{2\}"
MINUS_SET = re.compile(r"\\setminus(?![a-z])|(?<=[)\]}])\s?-\s?(?=\\\{)")
# "x = 1 \cr"
ROW_END = re.compile(r"\\cr(?![a-z])")
# "1 \pm 2"
PLUS_MINUS = re.compile(r"\\pm(?![a-z])\s?")
# "1 \mp 2"
MINUS_PLUS = re.compile(r"\\mp(?![a-z])\s?")
# "x \in \mathbb{Z}", "x \in {\mathbf Z}"
NOT_REAL = re.compile(r"\\in(?![a-z])[\s{]{0,9}(?:\\math(?:bb|bf)[\s{]{0,9})?([NZQC])(?![A-Za-z])")
# "x | x > 3"
SUCH_THAT = re.compile(r"\||(?<![:\d]):(?!\d)")
# "x"
FLOORED = re.compile(r"[a-z]")
"""In square brackets, the greatest whole number up to it."""


def shape_of(text: str, nesting: int = 0) -> Shape:
    """Return the shape of a tidied answer. The first rule that applies decides."""
    text = text.strip().rstrip(".,;:").strip()
    if nesting > MAX_NESTING:
        return Raw(text)
    text = SPACED.sub(lambda m: m.group(1).translate(SEPARATORS), join_thousands(text))

    def read_part(part: str) -> Shape:
        return shape_of(part, nesting + 1)

    return (
        unwrapped(text, read_part)
        or matrix_of(text, read_part)
        or listed(text, read_part)
        or known_phrase(text, read_part)
        or difference_of(text, read_part)
        or union_of(text, read_part)
        or relation_of(text, read_part)
        or bracketed_or_leaf(straightened(text), read_part)
    )


def unwrapped(text: str, read_part: Reader) -> Shape | None:
    r"""Read the content of braces, of `\text{}` or of an environment with one row around the whole text."""
    if text.startswith("{") and closes_at_end(text):
        return read_part(text[1:-1])
    if (rows := ROWS.fullmatch(text)) and not SEVERAL_CELLS.search(rows.group(2)):
        return read_part(rows.group(2))
    if whole := TEXT_ALONE.fullmatch(text):
        return read_part(whole.group(1).strip()) if whole.group(1).strip() else Raw("")
    return None


def listed(text: str, read_part: Reader) -> Shape | None:
    """Read a list such as `1, 2 and 3` or `x > 1 and x < 5`."""
    if ";" in text and (systems := systems_of(text, read_part)):
        return systems
    for separator in (AND, COMMA):
        split = split_top(text, separator)
        if len(split) > 1:
            parts = [part.strip() for part in split if part.strip()]
            together = bounds_together(parts, bool(OR.search(text)), read_part)
            return together or join([read_part(part) for part in parts])
    return None


def systems_of(text: str, read_part: Reader) -> Several | None:
    """Read `x = 1, y = 2; x = 3, y = 4` as two points; None unless every part names the same letters in one order."""
    rows = [[part.strip() for part in split_top(row, COMMA)] for row in split_top(text, SEMICOLON) if row.strip()]
    names = [[part.partition("=")[0].strip() for part in row] for row in rows]
    if (
        len(rows) < 2
        or len(names[0]) < 2
        or any(one != names[0] or not all(map(ONE_LETTER.fullmatch, one)) for one in names)
    ):
        return None
    points = [tuple(read_part(part.partition("=")[2]) for part in row) for row in rows]
    return Several(tuple(Group("(", point, ")") for point in points))


def union_of(text: str, read_part: Reader) -> Union | None:
    parts = split_top(text, CUP)
    return Union(tuple(read_part(part) for part in parts)) if len(parts) > 1 else None


def difference_of(text: str, read_part: Reader) -> Shape | None:
    """Read an interval, or a union of them, without some points."""
    parts = split_top(text, MINUS_SET)
    if len(parts) != 2 or COMPARE.search(text):
        return None
    whole, points = map(read_part, parts)
    return without_points(whole, points.items) if isinstance(points, Collection) else None


def straightened(text: str) -> str:
    """Write ]0, 1[, as half of Europe does, as (0, 1)."""
    match = REVERSED.fullmatch(text)
    if not match:
        return text
    opening, content, closing = match.groups()
    return f"{'(' if opening == ']' else opening}{content}{')' if closing == '[' else closing}"


def bracketed_or_leaf(text: str, read_part: Reader) -> Shape:
    """Read a text that is neither a list nor a relation."""
    if rows := ROWS.fullmatch(text):
        parts = [part.replace("&", "") for part in ROW_END.split(rows.group(2)) if part.strip()]
        if all("=" in part for part in parts):
            return join([read_part(part) for part in parts])
    if point := POINT.fullmatch(text):
        return read_part(point.group(1))
    has_both_signs = PLUS_MINUS.search(text) or MINUS_PLUS.search(text)  # `\pma` is neither, and would stay for ever
    if has_both_signs and text.startswith("(") and split_top(text[1:-1], COMMA)[1:] and closes_at_end(text):
        return join([read_part(part) for part in both_signs(text)])
    if bracketed := bracketed_of(text, read_part):
        return bracketed
    return join([read_part(part) for part in both_signs(text)]) if has_both_signs else leaf_of(text, read_part)


def both_signs(text: str) -> list[str]:
    """Return the text with the upper signs, and with the lower ones."""
    return [PLUS_MINUS.sub(upper, MINUS_PLUS.sub(lower, text)) for upper, lower in (("+", "-"), ("-", "+"))]


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


def bracketed_of(text: str, read_part: Reader) -> Shape | None:
    if not text.startswith(OPENING) or not closes_at_end(text):
        return None
    pieces = pieces_of(text)
    if pieces[0][0] not in OPEN:
        return None
    opening, closing = pieces[0][0], pieces[-1][0]
    body = text[len(opening) : pieces[-1][1]]
    if opening == r"\{":
        builder = split_top(body, SUCH_THAT)
        if len(builder) == 2:
            if not COMPARE.search(builder[1]) or is_number(builder[0]):
                return Raw(text)
            domain = NOT_REAL.search(builder[0])
            return Named(rf"\in {domain.group(1)}", read_part(builder[1]), None) if domain else read_part(builder[1])
        items = join([read_part(part) for part in split_top(body, COMMA_OR_SEMICOLON)])
        return Collection(items.items if isinstance(items, Several) else (items,))
    parts = split_top(body, COMMA_OR_SEMICOLON)
    if len(parts) > 1:
        angled = {r"\langle": "(", r"\rangle": ")"}
        if opening == "[" and all(part.strip().startswith("[") for part in parts):
            rows = [read_part(part) for part in parts]
            if all(isinstance(row, Group) for row in rows):
                return Matrix(tuple(row.items for row in rows if isinstance(row, Group)))
        return Group(
            angled.get(opening, opening), tuple(read_part(part) for part in parts), angled.get(closing, closing)
        )
    if (opening, closing) in {("(", ")"), ("[", "]")} and (
        LETTERS.fullmatch(body.strip()) or body.strip().startswith(r"\text")
    ):
        return None if opening == "[" and FLOORED.fullmatch(body.strip()) else read_part(body)  # "(B)", "(even)"
    return None
