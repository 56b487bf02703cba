"""Searches against plain draws that cost the same."""

import numpy as np
import pytest
from scaling_makers import table

from eval.metrics.samples import UNKNOWN, Samples
from eval.scaling.equal_tokens import AtEqualTokens, at_equal_tokens, bought, difference

NO = -np.inf


def searches_of(tokens: list[int], right: list[int]) -> Samples:
    return table(np.array(right)[:, None], np.array(tokens)[:, None])


def compared(
    tokens: int, verdicts: list[int], answers: list[int], scores: list[float], each: int = 10
) -> AtEqualTokens:
    """One search against the draws of its problem, of which each takes as many tokens."""
    draws = table(np.array([verdicts]), np.full((1, len(verdicts)), each), np.array([answers]), np.array([scores]))
    return at_equal_tokens(searches_of([tokens], [1]), draws, None)


@pytest.mark.parametrize(
    ("budget", "chance", "count"),
    [
        (0, 0.5, 1),  # the first is always bought
        (10, 0.001, 1),
        (30, 0.999, 2),  # exactly two
        (29, 0.9, 2),
        (29, 0.97, 1),  # 19 of the second's 20 tokens are paid for
        (45, 0.49, 3),
        (45, 0.5, 2),  # half of the third is paid for: just not more than the chance
        (60, 0.999, 3),
        (61, 0.001, 3),
    ],
)
def test_the_tokens_pay_for_so_many_draws(budget: int, chance: float, count: int) -> None:
    paid = bought(np.array([[10.0, 20.0, 30.0]]), np.array([float(budget)]), np.array([chance]))
    assert paid.tolist() == [[at < count for at in range(3)]]


@pytest.mark.parametrize("tokens", [10, 14, 20, 37, 40])
def test_on_average_the_same_tokens_are_spent(tokens: int) -> None:
    n = 300
    draws = table(np.zeros((n, 4)), np.full((n, 4), 10), np.zeros((n, 4)), np.zeros((n, 4)))
    found = at_equal_tokens(searches_of([tokens] * n, [0] * n), draws, None)
    assert found.drawn_tokens.mean() == pytest.approx(tokens, rel=0.01)
    assert not found.short.any()


def test_a_problem_with_too_few_draws_is_short() -> None:
    assert not compared(20, [1, 1], [4, 4], [0.1, 0.1]).short[0]
    found = compared(21, [1, 1], [4, 4], [0.1, 0.1])
    assert found.short[0]
    assert (found.draws[0], found.drawn_tokens[0]) == (2, 20)


def test_all_draws_together_choose_as_rerankers_do() -> None:
    found = compared(40, [0, 0, 1, 0], [5, 5, 4, 6], [0.1, 0.2, 0.9, 0.3])
    assert found.weighted is not None
    assert found.majority is not None
    assert (found.best_of[0], found.weighted[0], found.majority[0]) == (1, 1, 0)
    lower = compared(40, [0, 0, 1, 0], [5, 5, 4, 6], [0.5, 0.6, 0.9, 0.3])
    assert lower.weighted is not None
    assert (lower.best_of[0], lower.weighted[0]) == (1, 0)


def test_the_draws_come_in_random_orders() -> None:
    found = compared(10, [1, 0, 0, 0], [4, 5, 6, 7], [0.9, 0.1, 0.1, 0.1])
    assert 0.1 < found.best_of[0] < 0.4, "one of four draws is bought, of which one is right"
    two = compared(20, [1, 0, 0, 0], [4, 5, 6, 7], [0.9, 0.1, 0.1, 0.1])
    assert 0.35 < two.best_of[0] < 0.65


def test_what_has_no_score_is_taken_last_and_does_not_vote_by_weight() -> None:
    found = compared(20, [0, 1], [5, 4], [NO, 0.001])
    assert found.weighted is not None
    assert (found.best_of[0], found.weighted[0]) == (1, 1)


def test_each_problem_is_compared_at_its_own_tokens_and_number_of_draws() -> None:
    tokens = np.array([[10, 10], [30, 30]])
    draws = table(np.array([[1, 1], [0, 0]]), tokens, np.array([[4, 4], [5, 5]]), np.ones((2, 2)))
    found = at_equal_tokens(searches_of([20, 30], [0, 1]), draws, None)
    assert found.draws.tolist() == [2, 1]
    assert (found.tokens.tolist(), found.searched.tolist(), found.best_of.tolist()) == ([20, 30], [0, 1], [1, 0])


def test_without_answers_there_is_no_vote_and_without_a_verdict_no_value() -> None:
    programs = table(np.array([[1, 0]]), np.full((1, 2), 10), None, np.array([[0.1, 0.2]]))
    found = at_equal_tokens(searches_of([20], [1]), programs, None)
    assert (found.weighted, found.majority, found.best_of.tolist()) == (None, None, [0])
    unknown = compared(20, [UNKNOWN, 0], [4, 5], [0.9, 0.1])
    assert np.isnan(unknown.best_of[0])
    nothing = difference("a against b", np.array([1.0]), unknown.best_of)
    assert (nothing.value, nothing.why) == (None, "not computed: no problem has a verdict on both sides")


def test_differences_are_paired_over_the_problems_with_both_values() -> None:
    ours, theirs = np.array([1.0, 1.0, 0.0, np.nan]), np.array([0.0, 1.0, np.nan, 1.0])
    found = difference("a against b", ours, theirs)
    assert (found.value, found.n_problems, found.p) == (0.5, 2, 1.0)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high
    many = difference("a against b", np.ones(10), np.zeros(10))
    assert many.p == pytest.approx(2 / 2**10), "McNemar's exact p-value of ten flips one way"


def test_the_same_input_gives_the_same_figures() -> None:
    first, second = (compared(25, [1, 0, 0, 1], [4, 5, 6, 4], [0.9, 0.1, 0.8, 0.1]) for _ in range(2))
    assert first.best_of.tolist() == second.best_of.tolist()
