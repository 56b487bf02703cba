r"""Equations and inequalities: `x = 3`, lines, chains, bounds that hold together."""

import re

from filters.verifiers.mathematics.brackets import pieces_of
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.shapes import (
    Collection,
    Equation,
    Group,
    Inequality,
    Matrix,
    Meeting,
    Named,
    Raw,
    Reader,
    Several,
    Shape,
    Union,
    Value,
)
from filters.verifiers.mathematics.tokens import NotAnExpression
from filters.verifiers.mathematics.value import symbols_of

OR = re.compile(r"\bor\b|或")
INEQUALITY = re.compile(r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|<=|>=|!=|<|>")
COMPARE = re.compile(
    r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|\\in(?![a-z])|\\approx(?![a-z])|\\equiv(?![a-z])"
    r"|\\to(?![a-z])|<=|>=|!=|=|<|>"
)
LABEL = re.compile(
    r"^(?:\\text\{[^{}]*\}|\([a-z]\)|[A-Za-z](?:_(?:\w|\{\w+\}))?'*|\\[a-z]+(?:_(?:\w|\{\w+\}))?"
    r"|[A-Za-z]'*(?:\^\{-1\})?\s?\(\s*[\w, ]+\s*\)|[A-Za-z][A-Za-z ]+|\|?[A-Z]{2,3}\|?|\|[A-Za-z]{1,3}\|"
    r"|\\angle\s?[A-Z]{1,3}|[A-Z]\([^()]*\)|[a-z](?:\s?\+\s?[a-z]){1,4}|[a-zA-Z](?:\s?:\s?[a-zA-Z]){1,3}|\\overline\s?\{?[A-Z]{2,3}\}?"
    r"|\\det\s?\(?[A-Z]\)?|\\frac\{d(?:\^\{?\d\}?)?\s?[a-z]?\}\{d\s?[a-z](?:\^\{?\d\}?)?\}|\\(?:sin|cos"
    r"|tan|cot|sec|csc|ln|log|arg)\s?\(?\s?(?:\\?[A-Za-z]{1,5}|\\angle\s?[A-Z]{1,3})\s?\)?)$"
)


def bounds_together(parts: list[str], is_or: bool, inner: Reader) -> Shape | None:
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
        return Union(
            tuple(item for shape in shapes for item in (shape.items if isinstance(shape, Union) else (shape,)))
        )
    return Meeting(tuple(shapes))


def bounded_name(part: str) -> str | None:
    sides = [side.strip() for side in INEQUALITY.split(part)]
    return next((side for side in sides if LABEL.fullmatch(side) and side not in (r"\infty", r"\pi", "e")), None)


def relation_of(text: str, inner: Reader) -> Shape | None:
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
    if signs == [r"\equiv"] and r"\bmod" in sides[1]:
        return Named(sides[0].replace(" ", ""), inner(sides[1]), None)
    if set(signs) == {"="}:
        return equation_of(sides, inner)
    if set(signs) <= {"<", "<=", ">", ">=", "!="}:
        return inequality_of(sides, signs, inner)
    return Raw(text)


def equation_of(sides: list[str], inner: Reader) -> Shape:
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


def has_symbols(text: str) -> bool:
    try:
        return bool(symbols_of(parse_expression(text)))
    except NotAnExpression:
        return False


def is_number(text: str) -> bool:
    try:
        return not symbols_of(parse_expression(text))
    except NotAnExpression:
        return False


def inequality_of(sides: list[str], signs: list[str], inner: Reader) -> Shape:
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}
    symbol = [at for at, side in enumerate(sides) if LABEL.fullmatch(side) and side not in (r"\infty", r"\pi", "e")]
    infinity = Value(("sym", "infty"))
    minus = Value(("neg", ("sym", "infty")))
    if len(sides) == 2 and symbol and signs[0] != "!=" and (name := re.fullmatch(r"\|([a-zA-Z])\|", sides[symbol[0]])):
        edge = sides[1 - symbol[0]]
        sign = signs[0] if symbol[0] == 0 else turned[signs[0]]
        if sign[0] == "<":
            return inner(f"-({edge}) {sign} {name.group(1)} {sign} {edge}")
        return Union((inner(f"{name.group(1)} {sign} {edge}"), inner(f"{name.group(1)} {turned[sign]} -({edge})")))
    if len(sides) == 2 and len(symbol) == 1 and signs[0] != "!=" and not has_symbols(sides[1 - symbol[0]]):
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
        return Group(
            "[" if first.endswith("=") else "(", (inner(low), inner(high)), "]" if second.endswith("=") else ")", True
        )
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
