"""Reads matrices, sums of them with coefficients, and products of two."""

import re

from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.nodes import Node, NotAnExpression
from filters.verifiers.mathematics.shapes import Matrix, Reader, Shape, Value

# "\begin{pmatrix}1&2\end{pmatrix}"
MATRIX = re.compile(
    r"[(\[]?\s?\\begin\{((?:[pbB]|small)?matrix|array)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}\s?[)\]]?"
    r"(\s?\^\s?\{?\s?(?:T|\\(?:top|intercal|text\{T\}))\s?\}?)?",
    re.DOTALL,
)
# "1 & 2 \cr [2pt]"
ROW_END = re.compile(r"\\cr(?![a-z])(?:\s?\[[^\]]*\])?")
# "- 2 \begin{pmatrix}1\end{pmatrix} / 3"
TERM = re.compile(
    r" ?([+-]?) ?((?:[^\\+\-&]|\\(?:frac|sqrt|cdot|lambda|mu|pi)(?![a-z])){0,40})"
    r"\\begin\{((?:[pb]|small)?matrix)\}((?:(?!\\begin|\\end).){1,2000})\\end\{\3\}"
    r"(?:\s?/\s?(\d{1,9}))?",
    re.DOTALL,
)
MOST_TERMS = 8
# "\begin{pmatrix}1\end{pmatrix} \cdot \begin{pmatrix}2\end{pmatrix}"
FACTOR = re.compile(
    r"\s?(?:\\(?:cdot|times)\s?)?\\begin\{((?:[pbB]|small)?matrix)\}((?:(?!\\begin|\\end).){1,2000})\\end\{\1\}\s?",
    re.DOTALL,
)


def matrix_of(text: str, read_part: Reader) -> Matrix | None:
    if r"\begin" not in text:
        return None
    match = MATRIX.fullmatch(text) if text.count(r"\begin") == 1 else None
    if match is None:
        return matrix_product(text, read_part) or matrix_sum(text, read_part)
    if "=" in text:
        return None
    found = matrix(match.group(2), read_part)
    return transposed(found) if match.group(3) else found


def matrix(content: str, read_part: Reader) -> Matrix:
    rows = [row for row in ROW_END.split(content) if row.strip() and row.strip() != r"\hline"]
    return Matrix(tuple(tuple(read_part(cell) for cell in row.split("&")) for row in rows))


def transposed(found: Matrix) -> Matrix | None:
    """Return the matrix with rows as columns; None if its rows differ in length."""
    lengths = {len(row) for row in found.rows}
    return Matrix(tuple(zip(*found.rows, strict=True))) if len(lengths) == 1 else None


def matrix_sum(text: str, read_part: Reader) -> Matrix | None:
    """Read `A + 2B` of matrices of one size as one matrix; None for anything else."""
    place = 0
    terms: list[tuple[Node, Matrix]] = []
    while place < len(text):
        match = TERM.match(text, place)
        if not match or len(terms) == MOST_TERMS or (terms and not match.group(1)):
            return None
        factor = factor_of(match.group(1), match.group(2))
        if factor is None:
            return None
        if match.group(5):
            factor = ("/", factor, parse_expression(match.group(5)))
        terms.append((factor, matrix(match.group(4), read_part)))
        place = match.end()
    sizes = {tuple(len(row) for row in term.rows) for _, term in terms}
    if len(sizes) != 1:
        return None
    rows = zip(*(term.rows for _, term in terms), strict=True)
    factors = [factor for factor, _ in terms]
    cells = [[cell_of(factors, column) for column in zip(*row, strict=True)] for row in rows]
    return None if any(None in row for row in cells) else Matrix(tuple(tuple(row) for row in cells))  # type: ignore[arg-type]


def matrix_product(text: str, read_part: Reader) -> Matrix | None:
    """Read the product of two matrices as one matrix; None for anything else."""
    first = FACTOR.match(text)
    second = FACTOR.fullmatch(text, first.end()) if first else None
    if not first or not second:
        return None
    left, right = (matrix(match.group(2), read_part).rows for match in (first, second))
    if {len(row) for row in left} != {len(right)} or len({len(row) for row in right}) != 1 or len(right) > MOST_TERMS:
        return None
    rows = [[dot(row, column) for column in zip(*right, strict=True)] for row in left]
    return None if any(None in row for row in rows) else Matrix(tuple(tuple(row) for row in rows))  # type: ignore[arg-type]


def dot(row: tuple[Shape, ...], column: tuple[Shape, ...]) -> Value | None:
    """Return the sum of the products of entries; None if one is no plain value."""
    pairs = [(one, other) for one, other in zip(row, column, strict=True) if is_plain(one) and is_plain(other)]
    if len(pairs) != len(row):
        return None
    return Value(("+", *(("*", one.node, other.node) for one, other in pairs)))  # type: ignore[union-attr]


def is_plain(cell: Shape) -> bool:
    return isinstance(cell, Value) and not cell.unit


def factor_of(sign: str, text: str) -> Node | None:
    try:
        node = parse_expression(text.removesuffix(r"\cdot")) if text.strip() else parse_expression("1")
    except NotAnExpression:
        return None
    return ("neg", node) if sign == "-" else node


def cell_of(factors: list[Node], cells: tuple[Shape, ...]) -> Value | None:
    """Return the sum of some cells, each times its factor; None if one is no plain value."""
    values = [cell for cell in cells if isinstance(cell, Value) and not cell.unit]
    if len(values) != len(cells):
        return None
    return Value(("+", *(("*", factor, value.node) for factor, value in zip(factors, values, strict=True))))
