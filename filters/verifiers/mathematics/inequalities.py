"""Reads inequalities: intervals of one symbol, chains, and bounds that hold together.

The function `read_part` applies all rules to a part of the answer; quantities.py explains why it is passed in.
"""

import re
from fractions import Fraction

from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.labels import LABEL
from filters.verifiers.mathematics.nodes import Node, NotAnExpression, symbols_of, with_number
from filters.verifiers.mathematics.shapes import (
    INFINITY,
    MINUS_INFINITY,
    Group,
    Inequality,
    Meeting,
    Named,
    Raw,
    Reader,
    Several,
    Shape,
    Union,
    number,
)
from filters.verifiers.mathematics.value import NoValue, value_of

# "x < 1 or x > 5"
OR = re.compile(r"\bor\b|或")
# "x \le 3"
INEQUALITY = re.compile(r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|<=|>=|!=|<|>")
# "x = 0"
POINT = re.compile(r"^([a-zA-Z])\s?=\s?([^=<>]+)$")
# "|x|"
ABSOLUTE = re.compile(r"\|([a-zA-Z])\|")
PLACES = (0, 1, 2, 5, Fraction(7, 3), Fraction(-17, 2), -1001)
"""Where what is linear is tried: `|x + 1|` is linear from -1 on, and what is rounded between whole numbers."""
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}


def bounds_together(parts: list[str], is_or: bool, read_part: Reader) -> Shape | None:
    """Read several bounds: `x > 1 and x < 5` is one interval, `x < 1 or x > 5` a union, `x > 0, y < 0` one interval
    for each name."""
    if is_or and any(INEQUALITY.search(part) for part in parts):  # "x = 0 or 1 < x < 2"
        parts = [POINT.sub(r"\2 \\le \1 \\le \2", part) for part in parts]
    if any(not INEQUALITY.search(part) or "=" in re.sub(r"[<>!]=", "", part) for part in parts):
        return None
    shapes = [read_part(part) for part in parts]
    names = [name for name in (bounded_name(part) for part in parts) if name]
    if len(names) != len(parts) or not all(isinstance(shape, Group | Union) for shape in shapes):
        return None
    if len(set(names)) > 1:
        return Several(tuple(Named(name, shape, None) for name, shape in zip(names, shapes, strict=True)))
    if is_or:
        return Union(
            tuple(item for shape in shapes for item in (shape.items if isinstance(shape, Union) else (shape,)))
        )
    return Meeting(tuple(shapes))


def bounded_name(part: str) -> str | None:
    """Return the name that an inequality bounds, if any."""
    return next((side for side in map(str.strip, INEQUALITY.split(part)) if is_bound_name(side)), None)


def is_bound_name(side: str) -> bool:
    return LABEL.fullmatch(side) is not None and "+" not in side and side not in (r"\infty", r"\pi", "e")


def inequality_of(sides: list[str], signs: list[str], read_part: Reader) -> Shape:
    """Read `x > 3`, `1 < x < 5`, `|x| < 2` and `x != 3` as intervals, and anything else as an inequality or a chain."""
    named = [at for at, side in enumerate(sides) if is_bound_name(side)]
    if len(sides) == 2 and named and signs[0] == "!=":
        hole = read_part(sides[1 - named[0]])
        return Union((Group("(", (MINUS_INFINITY, hole), ")"), Group("(", (hole, INFINITY), ")")))
    if len(sides) == 2 and named:
        sign = signs[0] if named[0] == 0 else TURNED[signs[0]]
        name, edge = sides[named[0]], sides[1 - named[0]]
        if absolute := ABSOLUTE.fullmatch(name):
            return absolute_bound(absolute.group(1), sign, edge, read_part)
        if len(named) == 1 and not has_symbols(edge):
            return half_line(sign, read_part(edge))
    if len(sides) == 3 and named == [1] and len({sign[0] for sign in signs}) == 1:
        inside = between(sides, signs, read_part)
        return mirrored(inside, sides, read_part) if ABSOLUTE.fullmatch(sides[1]) else inside
    return unsolved(sides, signs)


def absolute_bound(name: str, sign: str, edge: str, read_part: Reader) -> Shape:
    """Read `|x| < 2` as an interval and `|x| > 2` as a union."""
    if sign[0] == "<":
        return read_part(f"-({edge}) {sign} {name} {sign} {edge}")
    return Union((read_part(f"{name} {sign} {edge}"), read_part(f"{name} {TURNED[sign]} -({edge})")))


def half_line(sign: str, bound: Shape) -> Group:
    """Return the half line of `x > 3` or `x <= 3`."""
    is_closed = sign.endswith("=")
    if sign.startswith(">"):
        return Group("[" if is_closed else "(", (bound, INFINITY), ")", True)
    return Group("(", (MINUS_INFINITY, bound), "]" if is_closed else ")", True)


def between(sides: list[str], signs: list[str], read_part: Reader) -> Group:
    """Return the interval of `1 < x <= 5` or `5 >= x > 1`."""
    low, high, first, second = sides[0], sides[2], signs[0], signs[1]
    if first[0] == ">":
        low, high, first, second = high, low, second, first
    opening, closing = "[" if first.endswith("=") else "(", "]" if second.endswith("=") else ")"
    return Group(opening, (read_part(low), read_part(high)), closing, True)


def mirrored(inside: Group, sides: list[str], read_part: Reader) -> Shape:
    """Read `1 < |x| <= 2` as a union, if its lower bound is zero or more; else as raw text."""
    first, last = (sides[0], sides[2]) if inside.items[0] == read_part(sides[0]) else (sides[2], sides[0])
    try:
        is_positive = value_of(parse_expression(first)) >= 0
    except (NotAnExpression, NoValue, TypeError):
        return Raw("<".join(sides))
    turned = {"(": ")", "[": "]", ")": "(", "]": "["}
    left = Group(
        turned[inside.closing], (read_part(f"-({last})"), read_part(f"-({first})")), turned[inside.opening], True
    )
    return Union((left, inside)) if is_positive else Raw("<".join(sides))


def unsolved(sides: list[str], signs: list[str]) -> Shape:
    """Read `x + y < 3` as an inequality with its sign turned to `<`, and a longer chain as raw text."""
    try:
        nodes = [parse_expression(side) for side in sides]
    except NotAnExpression:
        return Raw(chain_of(sides, signs))
    if len(nodes) != 2:
        return Raw(chain_of(sides, signs))
    if signs[0] != "!=" and (solution := linear_bound(nodes[0], nodes[1])):
        bound, is_turned = solution
        return half_line(TURNED[signs[0]] if is_turned else signs[0], number(bound))
    if signs[0].startswith(">"):
        nodes, signs = nodes[::-1], [TURNED[signs[0]]]
    return Inequality(nodes[0], signs[0], nodes[1])


def linear_bound(left: Node, right: Node) -> tuple[Fraction, bool] | None:
    """Return the bound of `3 - 2x < 1`, and whether its sign must be turned; None unless it is linear in one symbol,
    with rational coefficients."""
    names = symbols_of(left) | symbols_of(right)
    if len(names) != 1:
        return None
    name = names.pop()
    try:
        at = [value_of(with_number(left, name, x)) - value_of(with_number(right, name, x)) for x in PLACES]
    except (NoValue, TypeError):
        return None
    slope = at[1] - at[0]
    if (
        not all(isinstance(one, Fraction) for one in at)
        or not slope
        or any(one != at[0] + x * slope for one, x in zip(at, PLACES, strict=True))
    ):
        return None
    return -at[0] / slope, slope < 0


def chain_of(sides: list[str], signs: list[str]) -> str:
    """Write a chain as `a < b < c`, with the smaller side first."""
    if all(sign[0] == ">" for sign in signs):
        sides, signs = sides[::-1], [sign.replace(">", "<") for sign in signs[::-1]]
    return " ".join(part for pair in zip(sides, [*signs, ""], strict=True) for part in pair)


def has_symbols(text: str) -> bool:
    try:
        return bool(symbols_of(parse_expression(text)))
    except NotAnExpression:
        return False
