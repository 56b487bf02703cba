"""Inequalities are intervals, and no lists of their ends."""

import pytest

from filters.verifiers.mathematics.equivalence import same_answer


@pytest.mark.parametrize(
    ("inequality", "interval", "ends"),
    [
        ("x < 3", r"(-\infty, 3)", r"-\infty, 3"),
        ("x > 3", r"(3, \infty)", r"3, \infty"),
        ("1 < x < 5", "(1, 5)", "1, 5"),
        ("5 > x > 1", "(1, 5)", "1, 5"),
    ],
)
def test_an_interval_is_no_list(inequality: str, interval: str, ends: str) -> None:
    assert same_answer(inequality, interval)
    assert same_answer(interval, ends)
    assert not same_answer(inequality, ends)


@pytest.mark.parametrize(
    ("inequality", "interval"),
    [
        (r"x \le 3", r"(-\infty, 3]"),
        (r"x \ge 3", r"[3, \infty)"),
        (r"1 \le x < 5", "[1, 5)"),
        (r"5 \ge x > 1", "(1, 5]"),
    ],
)
def test_a_closed_end_is_another_one(inequality: str, interval: str) -> None:
    assert same_answer(inequality, interval)
    assert not same_answer(inequality, interval.replace("[", "(").replace("]", ")"))
