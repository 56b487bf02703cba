"""Searches against plain draws that cost the same."""

import pytest

from eval.scaling.equal_tokens import Tried, at_equal_tokens, best_of, draws_within, majority_of


def draw(tokens: int = 10, answer: str = "4", score: float | None = None) -> Tried:
    return Tried(tokens, answer == "4", answer, score)


@pytest.mark.parametrize(
    ("tokens", "count"), [(0, 1), (9, 1), (10, 1), (29, 1), (30, 2), (31, 2), (59, 2), (60, 3), (61, 3), (999, 3)]
)
def test_as_many_draws_as_the_tokens_pay_for(tokens: int, count: int) -> None:
    assert draws_within([draw(10), draw(20), draw(30)], tokens) == count


def test_the_best_is_the_first_of_the_highest_scores() -> None:
    draws = [draw(answer="1"), draw(answer="2", score=0.0), draw(answer="3", score=0.9), draw(answer="4", score=0.9)]
    assert [best_of(draws[:count]).answer for count in (1, 2, 3, 4)] == ["1", "2", "3", "3"]


def test_the_majority_is_the_most_frequent_answer() -> None:
    draws = [draw(answer=""), draw(answer=""), draw(answer="5"), draw(answer="4"), draw(answer="4")]
    assert [majority_of(draws[:count]).answer for count in (1, 2, 3, 4, 5)] == ["", "", "5", "5", "4"]


def test_each_problem_is_compared_at_its_own_tokens() -> None:
    searches = [Tried(25, True, "4"), Tried(100, False, "5")]
    draws = [
        [draw(10, "5", 0.1), draw(10, "4", 0.9), draw(10, "5", 0.2), draw(10, "5", 1.0)],
        [draw(30, "4", 0.5), draw(30, "5", 0.9), draw(30, "4", 0.1)],
    ]
    found = at_equal_tokens(searches, draws)
    assert (found.problems, found.tokens, found.searched) == (2, 62.5, 0.5)
    assert (found.draws, found.drawn_tokens, found.short) == (2.5, 55, 1)
    assert found.best_of == 0.5, "the right one of the first two, the wrong one of the others"
    assert found.majority == 0.5, "a tie goes to the wrong one, which came first"


def test_a_problem_without_a_draw_is_no_comparison() -> None:
    for searches, draws in (([], []), ([draw()], [[]])):
        with pytest.raises(ValueError, match="every problem needs"):
            at_equal_tokens(searches, draws)
    with pytest.raises(ValueError, match="zip"):
        at_equal_tokens([draw()], [[draw()], [draw()]])
