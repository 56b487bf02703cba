"""Expressions with letters are compared at points that have nothing to do with one another."""

from itertools import product
from string import ascii_letters

import pytest
from judging_makers import verify_math

from filters.verifiers.mathematics.free_symbols import POINTS, STEP_POINTS, free_symbol
from filters.verifiers.mathematics.latex_text import GREEK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a-b", "b-c"),
        ("ab+C", "ab+c"),
        ("cx+C", "Cx+c"),
        ("x-y", "a-b"),
        ("x_2-x_1", "y_2-y_1"),
        ("a+d", "b+c"),
        ("x+z", "2y"),
        ("a+b+c", "3b"),
        (r"\frac{a+c}{2}", "b"),
        ("x+y+z=0", "x-y+z=0"),
        ("x+y-2z=0", "x-2y+z=0"),
        ("a+c=2b", "a+b=2c"),
        ("a+b=c+d", "a+c=b+d"),
        ("|p-q|", "q-p"),
        (r"\max(a, b)", "b"),
        (r"v\sin\theta", r"\theta\sin\theta"),
        (r"\lfloor\frac{2n-1}{5}\rfloor", r"\lfloor\frac{2n+1}{5}\rfloor"),
        (r"\lceil\frac{n}{9}\rceil", r"\lceil\frac{n+1}{9}\rceil"),
        (r"\lfloor\sqrt{n-1}\rfloor", "n-2"),
        (r"\lfloor\sqrt{n-1}\rfloor", r"\lfloor\sqrt{n-2}\rfloor"),
        (r"\lceil\log_2 n\rceil", r"\lfloor\log_2 n\rfloor"),
        (r"\lceil\log_2 n\rceil", r"\lceil\log_2 (n+1)\rceil"),
    ],
)
def test_letters_and_rounded_numbers_are_not_alike_by_chance(one: str, other: str) -> None:
    for reference, answer in ((one, other), (other, one)):
        assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == "fail"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\lfloor\sqrt{n-1}\rfloor+1", r"1+\lfloor\sqrt{n-1}\rfloor"),
        (r"\lceil\log_2 n\rceil", r"\lceil\frac{\ln n}{\ln 2}\rceil"),
        (r"\lfloor\frac{n}{2}\rfloor+1", r"\lfloor\frac{n+2}{2}\rfloor"),
        (r"\lceil x\rceil", r"-\lfloor -x\rfloor"),
        ("Ce^{x}", "ce^x"),
        (r"\ln t+c", r"\ln t+C"),
    ],
)
def test_rounded_numbers_and_constants_that_are_equal(one: str, other: str) -> None:
    assert verify_math(one, f"\\boxed{{{other}}}").outcome == "pass"


def test_no_two_letters_have_one_number() -> None:
    letters = [*ascii_letters, *GREEK]
    names = [*letters, *(f"{letter}_{index}" for letter, index in product(letters, "0123456789abijkmnxyABN"))]
    for point in (*range(POINTS), STEP_POINTS - 1):
        values = [free_symbol(name, point) for name in names]
        assert len({*values, *(-value for value in values)}) == 2 * len(names)
