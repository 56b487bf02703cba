"""Intervals hold their coverage over problems and samples together, and none has a width of zero."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln

from bench.coverage import CELLS, cover_rates
from eval.metrics.beta_binomial import bulk, posterior
from eval.metrics.intervals import inside, rate_interval, ratio_interval, t_half_width, value_interval, wilson

SPREAD = 0.2 * np.sqrt(3) / stats.t.ppf(0.975, 2)
"""Distance of three values from each other with a t interval of 0.2 to either side."""


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_rates_are_covered_as_often_as_claimed(cell: tuple[int, float]) -> None:
    """30 problems whose samples correlate by 0.2; 97 % and more only where so few right or wrong samples come that the
    interval must reach 0 or 1."""
    n, rate = cell
    covered = cover_rates(n, rate, correlation=0.2, repetitions=300)
    slack = 3 * np.sqrt(0.05 * 0.95 / 300)
    assert covered >= 0.95 - slack
    if 0.1 <= rate <= 0.9:
        assert covered <= 0.95 + slack


@pytest.mark.parametrize("n", [1, 8, 64])
@pytest.mark.parametrize("n_problems", [1, 2, 30, 500])
def test_an_interval_is_never_of_width_zero(n: int, n_problems: int) -> None:
    samples = np.full(n_problems, float(n))
    for right in (0 * samples, samples):
        low, high = rate_interval(right, samples)
        assert (low == 0) == (right[0] == 0)
        assert (high == 1) == (right[0] == n)
        assert 0 < high - low < 1


def test_problems_count_rather_than_samples() -> None:
    """Samples that are all right or all wrong say no more than one of each problem."""
    right = np.repeat([0.0, 50.0], 10)
    assert rate_interval(right, np.full(20, 50.0)) == wilson(10, 20)
    nearly = rate_interval(np.r_[right[:-1], 49.0], np.full(20, 50.0))
    assert 1 < (nearly[1] - nearly[0]) / (wilson(10, 20)[1] - wilson(10, 20)[0]) < 1.25


def test_independent_samples_count_in_full() -> None:
    """Problems that are equally hard make 30 x 64 samples worth nearly as many problems."""
    right = np.random.default_rng(0).binomial(64, 0.3, 30).astype(float)
    low, high = rate_interval(right, np.full(30, 64.0))
    alone_low, alone_high = wilson(int(right.sum()), 30 * 64)
    assert 1 < (high - low) / (alone_high - alone_low) < 1.5


def test_more_right_answers_move_both_bounds_up() -> None:
    samples = np.full(30, 8.0)
    bounds = [rate_interval(np.r_[np.full(3, c), np.zeros(27)], samples) for c in (0.0, 1.0, 4.0, 8.0)]
    assert bounds == sorted(bounds)
    assert [high for _, high in bounds] == sorted(high for _, high in bounds)


def test_one_sample_has_jeffreys_posterior() -> None:
    """8 of 10: [0.493, 0.953] (Brown, Cai and DasGupta 2001, table 3 by formula Beta(8.5, 2.5))."""
    found = posterior(np.repeat([1.0, 0.0], [8, 2]), np.ones(10)).mean_quantiles(0.025, 0.975)
    from scipy.stats import beta

    assert found == pytest.approx(beta.ppf([0.025, 0.975], 8.5, 2.5), abs=2e-3)


def test_the_grid_is_narrowed_for_many_problems() -> None:
    """20,000 problems: the grid must resolve an interval of a percentage point."""
    right = np.random.default_rng(0).binomial(4, 0.5, 20_000).astype(float)
    low, high = rate_interval(right, np.full(20_000, 4.0))
    half = 1.96 * 0.5 / np.sqrt(80_000)
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)
    assert low < 0.5 < high


def test_problems_of_two_kinds_are_covered() -> None:
    """Half of the problems solved in 90 %, half in 2 %: no Beta distribution looks like this."""
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(300):
        accuracy = rng.choice([0.02, 0.9], 30)
        low, high = rate_interval(rng.binomial(64, accuracy).astype(float), np.full(30, 64.0))
        covered += low <= 0.46 <= high
    assert covered / 300 > 0.93


def test_values_that_are_all_0_or_1_get_wilsons_interval() -> None:
    assert value_interval(np.repeat([1.0, 0.0], [8, 2]), np.full(10, 64.0)) == wilson(8, 10)
    low, high = value_interval(np.r_[np.full(9, 0.5), 0.25], np.full(10, 4.0))
    assert low < 0.475 < high


@pytest.mark.parametrize("n", [2, 3, 30])
def test_half_the_width_of_the_t_interval(n: int) -> None:
    values = np.random.default_rng(n).random(n)
    low, high = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
    assert t_half_width(values) == pytest.approx((high - low) / 2)
    assert t_half_width(values[:1]) == 0


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0.1, 0.9), (0.1, 0.9)),  # wider than the t interval, whose half width is 0.2
        ((0.3, 0.7), (0.3, 0.7)),
        ((0.4, 0.6), (0.3, 0.7)),
        ((0.45, 0.65), (0.35, 0.75)),
        ((0.55, 0.95), (0.3, 0.95)),  # the mean lies outside
        ((0.05, 0.45), (0.05, 0.7)),
        ((0.15, 0.25), (0.0, 0.7)),  # no accuracy lies beyond 0 or 1
    ],
)
def test_bounds_of_the_model_are_widened_to_the_t_interval_and_the_mean(
    bounds: tuple[float, float], expected: tuple[float, float]
) -> None:
    values = np.array([0.5 - SPREAD, 0.5, 0.5 + SPREAD])
    assert t_half_width(values) == pytest.approx(0.2)
    assert inside([*bounds], values) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("weights", "edges"),
    [([0, 0, 1, 0, 0], (1, 4)), ([1, 0, 0], (0, 2)), ([0, 0, 1], (1, 3)), ([0, 0.5, 0, 0.5, 0, 0, 0], (0, 5))],
)
def test_the_grid_is_narrowed_to_the_cells_in_use_and_one_more_on_each_side(
    weights: list[float], edges: tuple[int, int]
) -> None:
    assert bulk(np.array(weights)) == edges


def test_a_mean_of_tokens_is_clustered_by_problem() -> None:
    """Cochran's ratio estimator by hand: problem means 10 and 20, four samples each; residuals -20 and 20."""
    low, high = ratio_interval(np.array([40.0, 80.0]), np.array([4.0, 4.0]))
    half = 12.7062 * np.sqrt(2 * (20**2 + 20**2) / 8**2)
    assert (low, high) == pytest.approx((15 - half, 15 + half), rel=1e-4)
    low, high = ratio_interval(np.array([40.0, 40.0]), np.array([4.0, 4.0]))
    assert 0 < high - low < 3, "lengths that are all equal are known to a token, not exactly"


def test_a_function_of_the_model_has_quantiles_too() -> None:
    """pass@2 = 1 - (1 - p)^2 if all problems are equally hard."""
    found = posterior(np.full(200, 32.0), np.full(200, 64.0))
    (median,) = found.quantiles(lambda a, b: -np.expm1(betaln(a, b + 2) - betaln(a, b)), 0.5)
    assert median == pytest.approx(0.75, abs=0.01)


def test_many_different_values_take_no_longer_than_few() -> None:
    """Rounding them to a hundredth moves no bound by a tenth of the width."""
    values = np.random.default_rng(0).beta(2, 5, 400)
    samples = np.full(400, 64.0)
    low, high = value_interval(values, samples)
    exact_low, exact_high = inside(posterior(values * samples, samples).mean_quantiles(0.025, 0.975), values)
    assert max(abs(low - exact_low), abs(high - exact_high)) < 0.1 * (high - low)
