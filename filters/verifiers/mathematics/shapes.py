r"""The shapes an answer can have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from filters.verifiers.mathematics.nodes import Node


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


Reader = Callable[[str], "Shape"]
"""Reads a part of an answer."""
Shape = (
    Words
    | Raw
    | Value
    | Several
    | Group
    | Collection
    | Union
    | Meeting
    | Matrix
    | Named
    | Equation
    | Inequality
    | Based
    | Ratio
)


def number(value: int | Fraction) -> Value:
    return Value(("num", Fraction(value)))


INFINITY, MINUS_INFINITY = Value(("sym", "infty")), Value(("neg", ("sym", "infty")))
