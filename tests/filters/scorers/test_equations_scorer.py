"""The exact check as a scorer: its scores stand beside the steps of reasoning and answer."""

from scorer_makers import say_nothing, text

from filters.scorers.equations_scorer import score_equations
from filters.scorers.scoring import over_steps


def test_a_false_equation_is_the_lowest_step() -> None:
    told: list[tuple[int, int]] = []
    traces = [text("2 + 2 = 4.\nThen we think.\n4 + 3 = 8.\n", "It is 8."), text("", " ")]
    found, empty = score_equations(traces, lambda *more: told.append(more))
    assert found.steps == [1.0, None, 0.0, None]
    assert len(found.steps) == len(traces[0].steps())
    assert over_steps(found.steps) == {"mean": 0.5, "min": 0.0, "product": 0.0, "last": 0.0}
    assert (empty.left_out, found.left_out, found.tokens) == ("no_steps", None, 0)
    assert told == [(1, 0), (1, 0)]


def test_nothing_decided_is_no_score() -> None:
    (found,) = score_equations([text("We think.", "So it is.")], say_nothing)
    assert found.left_out is None
    assert over_steps(found.steps) == dict.fromkeys(("mean", "min", "product", "last"))
