"""Answers to many problems are grouped by what they are worth, and no answer can hang the grouping."""

from filters.answer_classes import equivalent_answers

HANGS = r"\prod_{i=1}^{10^9} i"


def test_plain_numbers_are_compared_by_value() -> None:
    numbers = ["0.5", "1/2", "2", "$2.0$", "−2", "1,000", "1{,}000"]
    assert equivalent_answers([numbers[:5], ["3"]]) == [[[0, 1], [2, 3], [4]], [[0]]]


def test_other_answers_are_compared_by_the_verifier() -> None:
    found = equivalent_answers([[r"\frac{14}{2}", "7", "x", "7.0"], ["1", "2"], ["x+1", "1+x", HANGS]])
    assert found == [[[0, 1, 3], [2]], [[0], [1]], [[0, 1], [2]]]
