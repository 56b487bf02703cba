r"""Defines the shapes that an answer can have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from filters.verifiers.mathematics.nodes import Node


@dataclass(frozen=True)
class Words:
    """A name or phrase."""

    words: str
    node: Node | None = None
    """The same letters as a product, for `ab`."""


@dataclass(frozen=True)
class Raw:
    """Mathematics outside the grammar, such as integrals, sums and cases."""

    text: str


@dataclass(frozen=True)
class Value:
    """A number or formula, with its unit."""

    node: Node
    decimals: int | None = None
    """Digits after the point, if the value is written as a decimal number."""
    unit: str = ""
    percent: bool = False
    noun: str = field(default="", compare=False)
    """The noun that is counted, if it is not a unit. It matters only between the items of a list."""
    words: str = field(default="", compare=False)
    """What stands behind the number, such as ` m/s upward`."""


@dataclass(frozen=True)
class Several:
    """Alternatives, or all solutions; their order does not matter."""

    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Group:
    """A tuple, point, vector or interval, with its brackets."""

    opening: str
    items: tuple["Shape", ...]
    closing: str
    is_interval: bool = field(default=False, compare=False)
    """True if it was written as inequalities."""


@dataclass(frozen=True)
class Collection:
    """A set."""

    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Union:
    """A union of intervals or sets."""

    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Meeting:
    """Intervals that must hold together: `x > 1 and x < 5`."""

    items: tuple["Shape", ...]


@dataclass(frozen=True)
class Matrix:
    """A matrix, row by row."""

    rows: tuple[tuple["Shape", ...], ...]


@dataclass(frozen=True)
class Named:
    r"""A value with its name: `x = 3`, `f(x) = x^2`, `\text{area} = 5`."""

    name: str
    value: "Shape"
    equation: tuple[Node, Node] | None


@dataclass(frozen=True)
class Equation:
    """An equation between two expressions."""

    sides: tuple[Node, Node]


@dataclass(frozen=True)
class Inequality:
    """An inequality `left sign right` that is not an interval of one symbol; the sign is <, <= or !=."""

    left: Node
    sign: str
    right: Node


@dataclass(frozen=True)
class Based:
    """A number in another base, as written."""

    digits: str
    base: str


@dataclass(frozen=True)
class Ratio:
    """A ratio or a time."""

    parts: tuple["Shape", ...]
    seconds: int | None
    """The seconds of a time of day or a duration, if the ratio can be one."""
    half: str


Reader = Callable[[str], "Shape"]
"""A function that reads a part of an answer."""
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
