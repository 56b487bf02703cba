"""Curves over samples and thinking tokens: their points, the slope's coverage, and where more stops paying."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from scaling_makers import table

from bench.slopes import RISES, SAMPLES, cover_slopes
from eval.metrics.samples import Samples
from eval.metrics.statistics import values_at
from eval.scaling.by_samples import sample_curves
from eval.scaling.curve import Curve, curve_of
from eval.scaling.halves import halves
from eval.scaling.log_linear import INTERCEPT, SLOPE, log_linear
from eval.scaling.thinking import thinking_curve
from records.errors import InputError

RNG = np.random.default_rng(0)
RIGHT = (RNG.random((40, 8)) < RNG.beta(1, 1, (40, 1))).astype(int)


# Over samples


def test_all_k_come_from_one_run_and_cost_k_samples() -> None:
    answers = np.where(RIGHT == 1, 0, RNG.integers(1, 9, RIGHT.shape))
    samples = table(RIGHT, np.full(RIGHT.shape, 100), answers, RNG.random(RIGHT.shape))
    curves = {one.name: one for one in sample_curves(samples, None)}
    assert list(curves) == ["pass@k", "maj@k", "best_of@k"]
    expected = {one.metric: one.estimate for one in values_at(samples, [2, 4, 8], None)}
    for name, curve in curves.items():
        assert [point.x for point in curve.points] == [100, 200, 400, 800]
        assert [point.label for point in curve.points] == ["1", "2", "4", "8"]
        assert curve.points[0].value == pytest.approx(RIGHT.mean())
        for point, k in zip(curve.points[1:], (2, 4, 8), strict=True):
            one = expected[name.replace("@k", f"@{k}")]
            assert (point.value, point.low, point.high, point.n_problems) == (one.value, one.low, one.high, 40)
    assert curves["pass@k"].points[-1].value == pytest.approx(RIGHT.any(axis=1).mean())


def test_without_tokens_x_counts_samples_and_one_sample_makes_no_curve() -> None:
    (curve,) = sample_curves(table(RIGHT[:, :3]), None)
    assert ([point.x for point in curve.points], curve.x) == ([1, 2, 3], "samples per problem")
    assert sample_curves(table(RIGHT[:, :1]), None) == []


def test_a_curve_survives_json() -> None:
    (curve,) = sample_curves(table(RIGHT), None)
    assert curve_of(asdict(curve)) == curve


def test_halves_share_no_sample() -> None:
    samples = table(RIGHT, np.arange(RIGHT.size).reshape(RIGHT.shape))
    first, second = halves(samples)
    assert first.tokens is not None
    assert second.tokens is not None
    assert sorted([*first.tokens, *second.tokens]) == list(range(RIGHT.size))
    assert (first.verdicts.reshape(40, 4) == RIGHT[:, ::2]).all()
    assert (second.verdicts.reshape(40, 4) == RIGHT[:, 1::2]).all()


# Over thinking tokens


@pytest.mark.parametrize("n", SAMPLES)
@pytest.mark.parametrize("rise", RISES)
def test_the_slope_is_covered_as_often_as_claimed(n: int, rise: float) -> None:
    covered, shown = cover_slopes(30, n, rise, repetitions=1000)
    slack = 3.5 * np.sqrt(0.05 * 0.95 / 1000)
    assert 0.95 - slack <= covered <= 0.95 + slack
    assert shown > 0.6 if rise else shown <= 0.05 + slack


def test_a_line_is_found_exactly() -> None:
    tokens = np.tile([128.0, 256.0, 1024.0], (5, 1))
    rates = np.tile([0.2, 0.3, 0.5], (5, 1))
    slope, intercept = log_linear(rates, tokens, 15)
    assert (slope.metric, intercept.metric) == (SLOPE, INTERCEPT)
    assert slope.value == pytest.approx(0.1)
    assert intercept.value == pytest.approx(0.2 - 0.1 * 7)
    assert slope.low is not None
    assert slope.high is not None
    assert slope.low < 0.1 < slope.high, "five problems that agree prove nothing"


@pytest.mark.parametrize(
    ("tokens", "told"),
    [([0.0, 256.0], "at one budget there is no thinking"), ([256.0, 256.0], "lead to different numbers of tokens")],
)
def test_no_line_without_two_budgets(tokens: list[float], told: str) -> None:
    (slope,) = log_linear(np.full((5, 2), 0.5), np.tile(tokens, (5, 1)), 10)
    assert slope.value is None
    assert told in slope.why


def budgets(*rates: float, n_problems: int = 200, n: int = 4) -> dict[str, Samples]:
    """Budgets of 100, 200, 400, … tokens, each with its accuracy."""
    rng = np.random.default_rng(0)
    luck = rng.random((n_problems, n))
    sizes = [100 * 2**at for at in range(len(rates))]
    return {
        str(size): table(luck < rate, np.full((n_problems, n), size)) for size, rate in zip(sizes, rates, strict=True)
    }


def facts_of(curve: Curve) -> dict[str, float | None]:
    return {fact.metric: fact.value for fact in curve.facts}


def test_more_thinking_pays_up_to_a_point() -> None:
    curve = thinking_curve(budgets(0.2, 0.5, 0.7, 0.7))
    assert [point.x for point in curve.points] == [100, 200, 400, 800]
    assert [point.label for point in curve.points] == ["100", "200", "400", "800"]
    facts = facts_of(curve)
    assert facts["enough: 400"] == 400
    assert facts["200 minus 100"] == pytest.approx(0.3, abs=0.05)
    assert facts["800 minus 400"] == 0
    assert not [name for name in facts if name.startswith("overthinking")]


def test_overthinking_is_told() -> None:
    facts = facts_of(thinking_curve(budgets(0.3, 0.7, 0.45)))
    assert "enough: 200" in facts
    assert facts["overthinking: 400 minus 200"] == pytest.approx(-0.25, abs=0.05)


def test_each_budget_is_held_against_the_best_smaller_one() -> None:
    facts = facts_of(thinking_curve(budgets(0.3, 0.8, 0.55, 0.2)))
    worse = [name for name in facts if name.startswith("overthinking")]
    assert worse == ["overthinking: 400 minus 200", "overthinking: 800 minus 200"]


def test_waiting_does_not_bend_the_line() -> None:
    cut = budgets(0.2, 0.5, 0.1)
    with_wait = {"100": cut["100"], "": cut["200"], "wait 1": cut["400"]}
    slopes = [facts_of(thinking_curve(one))[SLOPE] for one in (with_wait, {"100": cut["100"], "": cut["200"]})]
    assert slopes[0] == slopes[1] == pytest.approx(0.3, abs=0.05)


def test_a_rise_that_few_problems_show_is_none() -> None:
    facts = facts_of(thinking_curve(budgets(0.3, 0.34, n_problems=10, n=1)))
    assert "enough: 100" in facts


def test_the_order_is_that_of_the_tokens_spent() -> None:
    """ "wait 1" comes after draws without a budget, because it spends more."""
    found = budgets(0.2, 0.5, 0.6)
    curve = thinking_curve({"": found["200"], "100": found["100"], "wait 1": found["400"]})
    assert [point.label for point in curve.points] == ["100", "no budget", "wait 1"]


def test_budgets_of_other_problems_are_refused() -> None:
    one, other = table(RIGHT, RIGHT + 1), table(RIGHT, RIGHT + 2, names=[f"q{at}" for at in range(40)])
    with pytest.raises(InputError, match="100 and 200 cannot be compared"):
        thinking_curve({"100": one, "200": other})


def test_one_budget_makes_a_point_and_no_line() -> None:
    curve = thinking_curve({"wait 1": budgets(0.2)["100"]})
    assert [fact.metric for fact in curve.facts] == [SLOPE, "enough: wait 1"]
    assert curve.facts[0].value is None


def test_an_undecided_problem_is_left_out_of_the_fit() -> None:
    found = budgets(0.2, 0.5)
    verdicts = found["200"].verdicts.copy()
    verdicts[:4] = -1
    curve = thinking_curve(found | {"200": replace(found["200"], verdicts=verdicts)})
    assert curve.points[1].n_problems == 199
    assert next(fact for fact in curve.facts if fact.metric == SLOPE).n_problems == 199
