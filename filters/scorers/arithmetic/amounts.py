r"""Computes an operand exactly, and says how exactly its numbers are meant."""

import re
from dataclasses import dataclass
from fractions import Fraction

from filters.scorers.arithmetic.operands import Operand
from filters.verifiers.mathematics.exact import context
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.nodes import Node, NotAnExpression, symbols_of
from filters.verifiers.mathematics.value import NoValue, value_of

MOST_DECIMALS = 12
"""Decimals of an operand of which it is tried what their rounding explains; with more, nothing is false."""
MOST_CHARACTERS, MOST_DIGITS, MOST_EXPONENT, MOST_FACTORIAL = 400, 40, 1_000, 500
"""Bounds beyond which an operand is not computed."""
ALLOWED = {"sqrt", "binom", "factorial"}
# "8", "-3.50", "( 8 )", "33.3 %"
LITERAL = re.compile(r"[({ ]*+[-+]? ?(?:\d++|(?=\.))(?:\.(?P<decimals>\d++))?[)} ]*+(?P<percent>%)?[)} ]*+")
# "3.14", "0.333": perhaps rounded
DECIMAL = re.compile(r"(?<!\d)\d*+\.(\d{2,})")
# "0.30000000000000004"
FLOATING = re.compile(r"\.\d{12,}")
TOO_LONG = re.compile(rf"\d{{{MOST_DIGITS + 1}}}")


@dataclass(frozen=True)
class Amount:
    """The exact value of an operand. Made by `amount_of`; read by `links`."""

    value: Fraction
    """Of an irrational operand, to 50 digits."""
    is_exact: bool
    """Whether it is rational, and no number as a program prints it (0.30000000000000004)."""
    is_literal: bool
    """Whether it is a single number, without an operation."""
    decimals: int
    """Digits behind the point of a single number; 0 else."""
    text: str
    is_money: bool

    @property
    def spread(self) -> Fraction:
        """How far the value may be from what is meant, if decimals of two and more digits in it were rounded before.
        Those of money were not."""
        return Fraction(0) if self.is_literal or self.is_money else spread_of(self.text, self.value)

    def rounding(self) -> Fraction:
        """Return half a unit of the last digit shown."""
        return Fraction(1, 2 * 10**self.decimals)


def amount_of(operand: Operand) -> Amount | None:
    r"""Return the amount, or None if the operand is not arithmetic of numbers, or too large to compute. A `\pi` alone
    may be any quantity of this name."""
    text = operand.text
    if not text or text == r"\pi" or len(text) > MOST_CHARACTERS or TOO_LONG.search(text):
        return None
    node = parsed(text)
    value = rational(node) if node else None
    if value is None:
        return None
    literal = LITERAL.fullmatch(text)
    decimals = len(literal["decimals"] or "") + 2 * bool(literal["percent"]) if literal else 0
    is_exact = node is not None and is_rational(node) and not FLOATING.search(text)
    return Amount(value, is_exact, literal is not None, decimals, text, "$" in operand.nouns)


def parsed(text: str) -> Node | None:
    try:
        node = parse_expression(text)
    except (NotAnExpression, RecursionError, ValueError):
        return None
    return None if symbols_of(node) or not is_arithmetic(node) else node


def is_arithmetic(node: Node) -> bool:
    """Say whether a tree has only numbers, pi, operations and small powers."""
    kind = node[0]
    if kind == "sym":
        return bool(node[1] == "pi")
    if kind == "fn" and node[1] not in ALLOWED:
        return False
    if kind == "call":
        return False
    if kind == "fn" and any(part[0] != "num" or part[1] > MOST_FACTORIAL for part in node[2:]) and node[1] != "sqrt":
        return False
    if kind == "^" and (exponent := rational(node[2])) is not None and abs(exponent) > MOST_EXPONENT:
        return False
    return all(is_arithmetic(part) for part in node[1:] if isinstance(part, tuple))


def rational(node: Node) -> Fraction | None:
    """Return the value of a tree; None for one without a finite real value."""
    try:
        value = value_of(node)
    except NoValue:
        return None
    if isinstance(value, Fraction):
        return value
    if isinstance(value, context.mpc) or not context.isfinite(value):
        return None
    if value and not -MOST_DIGITS < context.log10(abs(value)) < MOST_DIGITS:
        return None
    return Fraction(context.nstr(value, 50))


def is_rational(node: Node) -> bool:
    return isinstance(value_of(node), Fraction)


def spread_of(text: str, value: Fraction) -> Fraction:
    """Return the sum of what each decimal, moved by a unit of its last digit, moves the value. `0.25` and other
    multiples of 0.05 are taken to be exact."""
    total = Fraction(0)
    for number, match in enumerate(DECIMAL.finditer(text)):
        if number == MOST_DECIMALS:
            return abs(value)
        if len(match[1].rstrip("0")) < 2 or (len(match[1]) == 2 and match[1].endswith("5")):
            continue
        moved = Fraction(f"0{match[0]}") + Fraction(1, 10 ** len(match[1]))
        node = parsed(f"{text[: match.start()]} ({moved.numerator} / {moved.denominator}) {text[match.end() :]}")
        other = rational(node) if node else None
        total += abs(other - value) if other is not None else abs(value)
    return total
