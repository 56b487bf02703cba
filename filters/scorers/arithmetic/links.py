"""Decides whether one relation between two amounts holds.

Rounding: a single number with d digits behind its point (d > 0) equals every value that rounds to it, half a unit of
the last digit included: 1/3 = 0.33. One that is cut off instead, 2/3 = 0.66, less than a unit away, is undecided. With
`≈` or `about`, whole numbers round too, to the last digit that is no zero (1,234 ≈ 1,200), and what is off by less than
a tenth is undecided. What the rounding of an operand's own decimals explains is undecided too: 3.14 · 25 = 78.54.
"""

from fractions import Fraction

from filters.scorers.arithmetic.amounts import Amount

COMPARISONS = {"<": (-1,), ">": (1,), "≤": (-1, 0), "<=": (-1, 0), "≥": (1, 0), ">=": (1, 0)}
LOOSE = Fraction(1, 10)
INEXACT = Fraction(1, 10**12)
"""By how much of their size irrational numbers, and decimals of twelve and more digits, may differ and be equal."""


def holds(left: Amount, relation: str, right: Amount, approximate: bool) -> bool | None:
    """Return whether the relation holds; None if that depends on how the numbers are meant."""
    if relation in COMPARISONS:
        return compares(left, relation, right)
    if relation not in ("=", "==", "≈"):
        return None
    distance = abs(left.value - right.value)
    inexact = 0 if left.is_exact and right.is_exact else INEXACT * max(abs(left.value), abs(right.value))
    if distance <= inexact:
        return True
    if relation == "≈" or approximate:
        return is_near(left, right, distance)
    return is_rounded(left, right, distance)


def is_rounded(left: Amount, right: Amount, distance: Fraction) -> bool | None:
    if left.is_literal and right.is_literal:
        return None  # `60 = 1`: of other units, or an equation that nobody claims
    literals = [one for one in (left, right) if one.is_literal and one.decimals]
    if any(distance <= one.rounding() for one in literals):
        return True
    unit = max((2 * one.rounding() for one in literals), default=Fraction(0))
    return None if distance < unit or distance <= left.spread + right.spread + unit / 2 else False


def compares(left: Amount, relation: str, right: Amount) -> bool | None:
    sign = (left.value > right.value) - (left.value < right.value)
    if sign in COMPARISONS[relation]:
        return True
    if left.is_literal and right.is_literal:
        return None  # `Home > 5 > 3`: no calculation
    return None if abs(left.value - right.value) <= left.spread + right.spread else False


def is_near(left: Amount, right: Amount, distance: Fraction) -> bool | None:
    for one in (left, right):
        if one.is_literal and distance <= (one.rounding() if one.decimals else Fraction(last_place(one.value), 2)):
            return True
    unit = max((2 * one.rounding() for one in (left, right) if one.is_literal and one.decimals), default=Fraction(0))
    return None if distance <= max(unit, LOOSE * max(abs(left.value), abs(right.value))) else False


def last_place(value: Fraction) -> int:
    """Return the place of a whole number's last digit that is no zero: 100 of 1,200."""
    digits = str(abs(value.numerator))
    return int(10 ** (len(digits) - len(digits.rstrip("0")))) if value else 1
