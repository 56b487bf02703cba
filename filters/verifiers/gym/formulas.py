"""Checks of answers that are formulas. Nothing is evaluated: Python syntax is walked, and mathematics goes through our
own grammar, whose work is bounded."""

import ast
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from filters.verifiers.mathematics.equivalence import spelled
from filters.verifiers.mathematics.exact import floating
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.nodes import Node, NotAnExpression, symbols_of, with_number
from filters.verifiers.mathematics.value import NoValue, same_value, value_of

Entry = dict[str, Any]
LONGEST = 2000
OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
POINTS = (Fraction(7, 5), Fraction(23, 11), Fraction(3, 7))
"""Where slopes are compared: greater than 0, so that log(x) and log(|x|) agree."""
STEP, AGREEING = Fraction(1, 10**12), 1e-15
"""Half the width of a central difference, whose error is about its square, and the relative error that is allowed."""
A_CONSTANT = Fraction(17, 7)
"""Stands for the constant of integration."""


def makes_24(answer: str, entry: Entry) -> bool:
    """puzzle24: 24 from the numbers given, each used once. The scorer only counts the numbers, and asks whether they
    lie between the bounds of the default settings."""
    return is_made_of(answer, entry["metadata"]["numbers"], 24)


def reaches_target(answer: str, entry: Entry) -> bool:
    """countdown: the target from the numbers given, each used once. The scorer takes 99.999 for 100, and 2.5 for a
    use of 2 and 5."""
    return is_made_of(answer, entry["metadata"]["numbers"], entry["metadata"]["target"])


def is_made_of(answer: str, numbers: list[int], target: int) -> bool:
    """Return True if the answer has the target's value and uses each number once, with `+ - * /` and brackets only."""
    used: list[int] = []
    try:
        tree = ast.parse(answer.strip(), mode="eval") if len(answer) <= LONGEST else None
        return tree is not None and computed(tree.body, used) == target and sorted(used) == sorted(numbers)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return False


def computed(node: ast.expr, used: list[int]) -> Fraction:
    """Return the exact value of a tree and add its numbers to `used`. Errors: ValueError for anything but whole
    numbers, signs and the four operations."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            used.append(value)
            return Fraction(value)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -computed(inner, used)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATIONS:
            return OPERATIONS[type(sign)](computed(left, used), computed(right, used))
    raise ValueError(type(node).__name__)


def tree_of(text: str) -> Node | None:
    """Return the tree of a formula as sympy prints it, `-2*X**9 + exp(x)`; None if the grammar does not cover it."""
    try:
        return parse_expression(spelled(text[:LONGEST].replace("Abs(", "abs(")))
    except NotAnExpression:
        return None


def is_antiderivative(answer: str, entry: Entry) -> bool:
    """simple_integration and intermediate_integration: its derivative is the integrand. The scorer evaluates both as
    Python. The entry's own answer may hold an integral that sympy could not solve."""
    variable = entry["metadata"]["variable"]
    found, integrand = tree_of(answer), tree_of(entry["metadata"]["integrand"])
    if found is None or integrand is None or not symbols_of(found) <= {variable, "C"}:
        return False
    try:
        return all(has_slope(found, variable, integrand, point) for point in POINTS)
    except NoValue:
        return False


def has_slope(node: Node, variable: str, slope: Node, point: Fraction) -> bool:
    """Return True if the tree's slope at a point, the quotient of a central difference, has this value."""

    def at(tree: Node, place: Fraction) -> Any:
        return floating(value_of(with_number(with_number(tree, "C", A_CONSTANT), variable, place)))

    found = (at(node, point + STEP) - at(node, point - STEP)) / (2 * floating(STEP))
    wanted = at(slope, point)
    return bool(abs(found - wanted) <= AGREEING * max(1, abs(wanted)))


def is_expanded_product(answer: str, entry: Entry) -> bool:
    """polynomial_multiplication: the same polynomial, multiplied out. The scorer evaluates both sides as Python."""
    found, expected = tree_of(answer), tree_of(str(entry["answer"]))
    if found is None or expected is None or not is_expanded(found):
        return False
    try:
        return same_value(expected, found)
    except NoValue:
        return False


def is_expanded(node: Node) -> bool:
    """Return True if no sum is a factor, a divisor or a base. A number may stand before brackets."""
    parts = [part for part in node[1:] if isinstance(part, tuple)]
    may_hold_sum = node[0] in {"+", "neg"} or (node[0] == "*" and not symbols_of(parts[0]))
    return all(map(is_expanded, parts)) and (may_hold_sum or not any(part[0] == "+" for part in parts))
