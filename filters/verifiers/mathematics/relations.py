r"""Reads equations and chains of relations: `x = 3`, `2 + 3 = 5`, `y = 2x + 1`, `x \in (0, 1)`.

The function `read_part` applies all rules to a part of the answer; quantities.py explains why it is passed in.
"""

import itertools
import re
from fractions import Fraction

from filters.verifiers.mathematics.brackets import pieces_of
from filters.verifiers.mathematics.exact import Number, close, floating
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.inequalities import inequality_of
from filters.verifiers.mathematics.labels import LABEL
from filters.verifiers.mathematics.nodes import Node, NotAnExpression, symbols_of
from filters.verifiers.mathematics.numerals import decimals_of, repeating_decimal
from filters.verifiers.mathematics.shapes import Collection, Equation, Group, Matrix, Named, Raw, Reader, Shape, Value
from filters.verifiers.mathematics.value import NoValue, value_of

# "y = 2x"
COMPARE = re.compile(
    r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|\\in(?![a-z])|\\approx(?![a-z])|\\equiv(?![a-z])"
    r"|\\to(?![a-z])|<=|>=|!=|=|<|>"
)


# "\not\in"
NEGATED = re.compile(r"\\not(?![a-z])")
# "42 pencils", "\frac{9}{2}\text{ hours}"
AMOUNT = re.compile(
    r"(?:(?<=\d)|(?<=\})(?=\s?\\text))\s?(?:\\text\{[^{}]{0,60}\}|[A-Za-z]{2,20}(?:\s[A-Za-z]{2,20}){0,3})\s?$"
)
# "\\forall x \\in \\mathbb{R}"
QUANTIFIED = re.compile(r"(\\(?:forall|n?exists))(?![a-z])\s?(.+)", re.DOTALL)
NAMES = ("e", "i")
"""Letters that stand for a number, and for an eccentricity or a current where they cannot be that number."""
# "\lim_{x \to 0} f(x)"
OPERATION = re.compile(r"\\(?:int|iint|oint|sum|prod|lim)(?![a-z])")
"""What our grammar does not compute: as of a letter, its value is what stands behind the sign."""


def relation_of(text: str, read_part: Reader) -> Shape | None:
    """Read a relation or a chain of them; None if no sign of relation stands outside brackets."""
    if quantified := QUANTIFIED.fullmatch(text):
        return Named(quantified.group(1), read_part(quantified.group(2)), None)
    found = signs_of(text)
    if not found:
        return None
    sides = sides_of(text, found)
    signs = [{r"\le": "<=", r"\ge": ">=", r"\ne": "!="}.get(match.group(), match.group()) for match in found]
    if NEGATED.search(text):
        return Raw(text)
    if is_false(sides, signs):
        names = sides[0] in NAMES and set(signs) <= {"=", r"\approx"} and not is_false(sides[1:], signs[1:])
        return Named(sides[0], read_part(sides[-1]), None) if names else Raw(text)
    is_named = len(sides) == 2 and LABEL.fullmatch(sides[0]) and number_of(sides[0]) is None
    if signs[-1] == r"\approx" and sides[0] and not is_named:
        return read_part(text[: found[-1].start()])  # 22/7 \approx 3.14
    if set(signs) == {r"\to"} and all(sides):
        return Group(r"\to", tuple(map(read_part, sides)), "")
    if signs[-1] in (r"\in", r"\to", r"\approx") and sides[-1]:
        return read_part(sides[-1])
    if not sides[0]:
        return read_part(sides[1]) if signs == ["="] else Raw(text)
    if signs == [r"\equiv"] and r"\bmod" in sides[1]:
        return Named(sides[0].replace(" ", ""), read_part(sides[1]), None)
    if set(signs) <= {"=", r"\approx"}:
        return equation_of(sides, read_part)
    if set(signs) <= {"<", "<=", ">", ">=", "!="}:
        return inequality_of(sides, signs, read_part)
    return Raw(text)


def signs_of(text: str) -> list[re.Match[str]]:
    """Return the signs of relation that stand outside brackets."""
    outside = {position for _, position, depth in pieces_of(text) if depth == 0}
    return [match for match in COMPARE.finditer(text) if match.start() in outside]


def sides_of(text: str, signs: list[re.Match[str]]) -> list[str]:
    bounds = [0, *[edge for match in signs for edge in match.span()], len(text)]
    return [text[bounds[at] : bounds[at + 1]].strip() for at in range(0, len(bounds), 2)]


def rounded_side(text: str) -> str | None:
    r"""Return the decimal to which a relation rounds its value at the end, 0.67 of `x = \frac{2}{3} \approx 0.67`; None if
    it does not."""
    signs = signs_of(text) if r"\approx" in text else []
    if not signs or signs[-1].group() != r"\approx":
        return None
    *_, exact, last = sides_of(text, signs)
    values, places = (number_of(exact), number_of(last)), places_of(last)
    if values[0] is None or values[1] is None or places is None:
        return None
    half = Fraction(10) ** -places / 2
    return last if abs(floating(values[0]) - floating(values[1])) <= floating(half) else None


def is_false(sides: list[str], signs: list[str]) -> bool:
    r"""Return True for a relation that does not hold between numbers, `2+2 = 5` or `7 \to 5`, or that cannot: `7 \in 5`.

    Rounded numbers count as equal (`22/7 = 3.14`), and so do those that cannot be computed.
    """
    if not set(signs) <= {"=", r"\approx", r"\to", r"\in", r"\equiv"}:
        return False
    if r"\to" in signs and sides[0].startswith(r"\lim"):
        return True
    if r"\in" in signs:
        return is_number(sides[0])
    found = [(number, places_of(side), unit_of(side)) for side in sides if (number := number_of(side)) is not None]
    for (one, places, unit), (other, others, another) in itertools.pairwise(found):
        if unit and another and unit != another:
            continue  # 10 m/s = 36 km/h
        rounded = [digits for digits in (places, others) if digits is not None]
        tolerance = Fraction(10) ** -min(rounded) if rounded else Fraction(0)
        if not close(one, other) and not abs(floating(one) - floating(other)) <= floating(tolerance):
            return True
    return False


def number_of(side: str) -> Number | None:
    """Return the value of an expression without free symbols, with its unit left out; None for any other text."""
    bare = AMOUNT.sub("", side)
    repeating = repeating_decimal(bare.replace(" ", ""))
    try:
        node = repeating.node if repeating else parse_expression(bare)
        return None if symbols_of(node) else value_of(node)
    except (NotAnExpression, NoValue):
        return None


def places_of(side: str) -> int | None:
    r"""Return the decimal places that are given of a number with its unit: 1 of `2.5 \text{ m}`, 3 of `66.7%`; None for a
    number that is not a decimal."""
    bare = AMOUNT.sub("", side).replace(" ", "")
    places = decimals_of(bare.removesuffix("%"))
    return places if places is None or not bare.endswith("%") else places + 2


def unit_of(side: str) -> str:
    found = AMOUNT.search(side)
    return found.group().strip() if found else ""


def equation_of(sides: list[str], read_part: Reader) -> Shape:
    """Read an equation: a named value, an equation between expressions, or the result of a computation."""
    first, last = sides[0].replace("| ", "|").replace(" |", "|"), sides[-1]
    if not LABEL.fullmatch(first) and LABEL.fullmatch(last) and len(last) <= 2:
        first, last = last, first
    try:
        nodes = parse_expression(first), parse_expression(last)
    except NotAnExpression:
        nodes = None
    is_named = LABEL.fullmatch(first) or (nodes is not None and names_a_value(*nodes))
    if is_named or (nodes is None and first.strip().startswith(r"\text")):
        return Named(first.replace(" ", ""), read_part(last), nodes)
    if nodes is None:
        shape = read_part(last)
        if OPERATION.match(first):
            return shape
        is_result = isinstance(shape, Value) and not symbols_of(shape.node) and number_of(first) is not None
        return shape if is_result or isinstance(shape, Group | Matrix | Collection) else Raw("=".join(sides))
    if all(
        number_of(side) is not None or not symbols_of(node) for side, node in zip((first, last), nodes, strict=True)
    ):
        return read_part(last)  # "2 + 3 = 5", "1/3 = 0.\overline{3}"
    return Equation(nodes)


def names_a_value(first: Node, last: Node) -> bool:
    """Return True if one side is a number and the other a combination of at least two quantities, `AB + BC = 5`.

    `x^2 + y^2 = 5` is a curve.
    """
    names = symbols_of(first)
    return len(names) > 1 and not names & set("xyz") and not symbols_of(last) and not factors_of(first)


def factors_of(node: Node) -> bool:
    """Return True if a number stands in the tree elsewhere than as an exponent or a subscript."""
    if node[0] == "num":
        return True
    return any(factors_of(part) for part in node[1 : 2 if node[0] == "^" else None] if isinstance(part, tuple))


def is_number(text: str) -> bool:
    """Return True if the text is an expression without free symbols."""
    try:
        return not symbols_of(parse_expression(text))
    except NotAnExpression:
        return False
