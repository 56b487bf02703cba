"""The tree of a parsed expression: nested tuples, the kind first.

    ("num", Fraction)        3 and 0.25, always exact
    ("sym", name)            x, x_1, theta, and the constants pi, e, i, infty
    ("+", a, b, ...)         a sum; a - b is ("+", a, ("neg", b))
    ("neg", a)               -a
    ("*", a, b)              a product, written or implied
    ("/", a, b)              a quotient
    ("^", a, b)              a power; a root is a power with exponent 1/n
    ("fn", name, a, ...)     a function of functions.py: ("fn", "sin", x), ("fn", "log", base, x), ("fn", "factorial", n)
    ("call", name, a)        f(a), where f may also be a factor (vocabulary.CALLED)

Nodes are tuples, not classes, because trees are built for every answer, compared with `==` and used as keys of caches,
and tuples do all that in C.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from filters.verifiers.mathematics.vocabulary import CONSTANTS

Node = tuple[Any, ...]
MAX_POWER_OF_TEN = 400
"""Bound on the exponent of a number such as 1e300; a double ends at 308."""


class NotAnExpression(ValueError):
    """The text is not an expression of the grammar."""


def symbols_of(node: Node) -> set[str]:
    """Return the names of the free symbols, without constants."""
    if node[0] == "sym":
        return set() if node[1] in CONSTANTS else {node[1]}
    if node[0] == "call":
        return {node[1], *symbols_of(node[2])}
    return {name for part in node[1:] if isinstance(part, tuple) for name in symbols_of(part)}


def calls_of(node: Node) -> set[str]:
    """Return the names of the letters that are applied to something, as in `f(x)`."""
    called = {node[1]} if node[0] == "call" else set()
    return called | {name for part in node[1:] if isinstance(part, tuple) for name in calls_of(part)}


def are_factors(node: Node) -> bool:
    r"""Return True if no letter before a bracket in a tree is a function: `g(1 - \frac{m}{M})` is a product, as functions
    are of one name or of x, y and t."""
    if node[0] == "call":
        names = symbols_of(node[2])
        if node[1] not in "ghFGH" or len(names) < 2 or names <= set("xyzt"):
            return False
    return all(are_factors(part) for part in node[1:] if isinstance(part, tuple))


def with_parts(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the node with `change` applied to each of its parts."""
    return tuple(change(part) if isinstance(part, tuple) else part for part in node)


def with_number(node: Node, name: str, number: Fraction | int) -> Node:
    """Return the tree with a number in place of a symbol."""
    if node == ("sym", name):
        return ("num", Fraction(number))
    return with_parts(node, lambda part: with_number(part, name, number))


def is_natural(node: Node) -> bool:
    """Return True if the node is a whole number, zero or more."""
    return node[0] == "num" and node[1].denominator == 1 and node[1] >= 0


def number_node(token: str) -> Node:
    """Return the node of an exact number: `12`, `.5`, `2.5e-3`. Errors: NotAnExpression for an exponent out of
    range."""
    digits, _, exponent = token.lower().partition("e")
    if exponent and abs(int(exponent)) > MAX_POWER_OF_TEN:
        raise NotAnExpression("exponent out of range")
    return ("num", Fraction(digits.rstrip(".")) * Fraction(10) ** int(exponent or 0))
