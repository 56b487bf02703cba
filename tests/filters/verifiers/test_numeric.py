"""Equations that differ by a factor, integrals that differ by a constant, and the size of the numbers in a formula."""

from fractions import Fraction

import pytest

from filters.verifiers.mathematics.nodes import Node
from filters.verifiers.mathematics.numeric import equal_integrals, proportional
from filters.verifiers.mathematics.value import largest_digits

X: Node = ("sym", "x")


def num(value: int) -> Node:
    return ("num", Fraction(value))


def more_than_x(value: int) -> tuple[Node, Node]:
    """The sides of an equation whose difference is this number, whatever x is."""
    return ("+", X, num(value)), X


@pytest.mark.parametrize(
    ("reference", "answer", "found"),
    [(1, 2, True), (2, 1, True), (2, -1, True), (0, 1, False), (1, 0, False), (0, 0, False)],
)
def test_sides_that_differ_by_a_factor_are_proportional_unless_they_are_equal(
    reference: int, answer: int, found: bool
) -> None:
    assert proportional(more_than_x(reference), more_than_x(answer)) is found


@pytest.mark.parametrize(("answer", "found"), [(2, True), (-2, False)])
def test_of_an_inequality_the_factor_is_positive(answer: int, found: bool) -> None:
    assert proportional(more_than_x(1), more_than_x(answer), positive=True) is found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (("+", ("^", X, num(2)), ("sym", "C")), True),
        (("+", ("^", X, num(2)), num(7), ("sym", "C")), True),
        (("+", ("^", X, num(2)), X, ("sym", "C")), False),
        (("+", ("neg", ("^", X, num(2))), ("sym", "C")), False),
    ],
)
def test_integrals_are_equal_up_to_a_constant(answer: Node, found: bool) -> None:
    assert equal_integrals(("+", ("^", X, num(2)), ("sym", "C")), answer) is found


@pytest.mark.parametrize(("value", "digits"), [(0, 0), (1, 0), (9, 1), (10, 2), (99, 2), (100, 3), (-100, 3)])
def test_digits_before_the_point(value: int, digits: int) -> None:
    assert largest_digits(num(value)) == digits
    assert largest_digits(("+", X, num(5), num(value))) == max(1, digits)
