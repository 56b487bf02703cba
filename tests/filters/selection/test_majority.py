"""Votes for equivalent answers are counted together."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.selection.majority import MOST_COMPARED, classes, majority


def same_number(one: str, other: str) -> bool:
    return Fraction(one) == Fraction(other)


def test_spellings_of_one_answer_vote_together() -> None:
    winner = majority(["1/2", "3", "0.5", "3", "2/4"], same_number)
    assert winner is not None
    assert (winner.answer, winner.members, winner.votes, winner.n, winner.share) == ("1/2", (0, 2, 4), 3, 5, 0.6)


def test_the_commonest_spelling_is_the_answer() -> None:
    winner = majority(["1/2", "0.5", "0.5"], same_number)
    assert winner is not None
    assert winner.answer == "0.5"


@pytest.mark.parametrize("answers", [[], [""], [" ", ""], ["1", "2"], ["1/2", "3", "0.5", "3"]])
def test_no_majority(answers: list[str]) -> None:
    assert majority(answers, same_number) is None


def test_empty_answers_do_not_vote() -> None:
    winner = majority(["", "7", ""], same_number)
    assert winner is not None
    assert (winner.votes, winner.n, winner.members) == (1, 1, (1,))


def test_an_equal_that_is_not_transitive_chains_nothing() -> None:
    def near(one: str, other: str) -> bool:
        return abs(int(one) - int(other)) <= 1

    assert classes(["1", "2", "3"], near) == [[0, 1], [2]]


def test_equal_spellings_cost_no_comparison() -> None:
    calls = []

    def counted(one: str, other: str) -> bool:
        calls.append((one, other))
        return False

    classes(["a", "b"] * 500, counted)
    assert calls == [("a", "b")]


def test_comparisons_do_not_grow_with_the_square() -> None:
    calls = []

    def counted(one: str, other: str) -> bool:
        calls.append(one)
        return float(one) == float(other)

    answers = [str(number) for number in range(1, MOST_COMPARED + 200)]
    winner = majority([*answers, "1.0"], counted)
    assert winner is not None
    assert winner.answer == "1"
    assert len(calls) <= MOST_COMPARED * len(answers)
    assert set(calls) == set(answers[:MOST_COMPARED])


@given(st.lists(st.sampled_from(["1", "2/2", "2", "4/2", "0.5", "1/2"])))
def test_classes_partition_the_answers(answers: list[str]) -> None:
    found = classes(answers, same_number)
    assert sorted(position for members in found for position in members) == list(range(len(answers)))
    assert len(found) == len({Fraction(answer) for answer in answers})
    for members in found:
        assert len({Fraction(answers[position]) for position in members}) == 1
