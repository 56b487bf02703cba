"""Answers in the numbers, lists and intervals of languages other than English."""

import pytest
from judging_makers import verify_math

from filters.reasons import FAIL, PASS


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("2.5", r"2{,}5\text{ km}"),
        ("2.5", "2,50 €"),
        ("2.5", "2,5 Stunden"),
        ("2.5 km", "2,5 km"),
        ("2.5", r"x = 2{,}5"),
        ("x = 2.5", "x = 2,5"),
        ("x = 2,5", "x = 2.5"),
        ("2.5", r"\approx 2,5"),
        ("2.5", r"\frac{5}{2} = 2{,}5"),
        ("1234.56", "1.234,56 €"),
        ("1234.56", "1 234,56"),
        ("1.5, 2.5", "1,5; 2,5"),
        ("1.5, 2.5", r"1{,}5 \text{ und } 2{,}5"),
        ("(1.5, 2.5)", "(1,5; 2,5)"),
        ("3, 5", "3 et 5"),
        ("3, 5", r"3 \text{ y } 5"),
        (r"(-\infty, 1]", r"]-\infty ; 1]"),
        (r"(0,1) \cup (2,3)", "]0;1[ ∪ ]2;3["),
        ("30000", "3万元"),
        ("35000", r"3.5\text{万}"),
        ("300000000", "3亿"),
        ("30000000", "3千万"),
        ("3", "3千克"),
        ("3000000", "3 Millionen"),
        ("3000000", "3 Mio. Euro"),
        ("5", "5개"),
        ("5", "5つ"),
        ("3", "3 ℃"),
        ("5", "\u200f5\u200f"),
        (r"\begin{pmatrix}2\\5\end{pmatrix}", r"\langle 2,5\rangle"),
    ],
)
def test_the_same_number_passes(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == PASS


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        *[
            ("3", answer)
            for answer in ("3万", "3亿", "3百", "3万元", "3 Millionen", "3 Mio.", "3 Mrd. Euro", "3 Dutzend")
        ],
        *[("3", answer) for answer in ("3分之一", "3小时半", "3折", "3成", "3以上", "3个以上", "3未満", "3이상")],
        *[
            ("2.5", answer)
            for answer in ("(2,5)", "[2,5]", r"\{2,5\}", "f(2,5)", r"\langle 2,5\rangle", "2, 5", "2,5,7")
        ],
        ("1.234", "1,234"),
        ("2.5 km", "2,5 m"),
        ("(2,5)", "2.5"),
    ],
)
def test_another_value_fails(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == FAIL
