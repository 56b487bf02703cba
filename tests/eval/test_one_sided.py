"""A one-sided bound is as certain as claimed, above all where few problems differ and all of them one way."""

import numpy as np
import pytest
from scipy import stats

from eval.metrics.differences import paired_difference
from eval.metrics.one_sided import one_sided

FLIPS = [(100, 0.1, 0.05), (500, 0.04, 0.03), (500, 0.012, 0.002), (500, 0.01, 0.0), (2000, 0.003, 0.0), (30, 0.1, 0.0)]


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize(("problems", "lost", "gained"), FLIPS)
def test_a_loss_of_just_the_bound_is_missed_as_seldom_as_claimed(
    single: bool, problems: int, lost: float, gained: float
) -> None:
    """In 5 % of the cases, with the slack of 600 of them, whether a problem's difference is a whole flip or a part."""
    rng = np.random.default_rng(3)
    draws = rng.choice([-1.0, 1.0, 0.0], p=[lost, gained, 1 - lost - gained], size=(600, problems))
    true = gained - lost
    if not single:
        draws, true = draws * rng.choice([0.25, 0.5, 1.0], size=draws.shape), true * 1.75 / 3
    bounds = np.array([one_sided(row, 0.95, single=single) for row in draws])
    slack = 3 * np.sqrt(0.05 * 0.95 / len(bounds))
    assert (bounds[:, 0] > true).mean() < 0.05 + slack
    assert (bounds[:, 1] < true).mean() < 0.05 + slack


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("lost", [0, 1, 5, 20])
def test_rare_losses_are_bounded_as_a_poisson_count(confidence: float, lost: int) -> None:
    """Garwood's exact bound is half a quantile of chi square."""
    n = 10_000
    exact = stats.chi2.ppf(confidence, 2 * lost + 2) / 2 / n
    found = -one_sided(np.repeat([-1.0, 0.0], [lost, n - lost]), confidence, single=True)[0]
    assert exact * 0.99 < found < exact * 1.1


def test_both_bounds_mirror_each_other() -> None:
    changes = np.repeat([-1.0, 1.0, 0.0], [31, 23, 446])
    low, high = one_sided(changes, 0.95, single=True)
    assert one_sided(-changes, 0.95, single=True) == (-high, -low)
    assert low < changes.mean() < high


def test_with_many_differences_it_is_the_t_bound() -> None:
    changes = np.random.default_rng(0).normal(0.02, 0.1, 4000)
    error = paired_difference(changes, single=False).error
    low, high = one_sided(changes, 0.95, single=False)
    assert (low, high) == pytest.approx((changes.mean() - 1.645 * error, changes.mean() + 1.645 * error), abs=2e-4)


@pytest.mark.parametrize("single", [True, False])
def test_one_problem_shows_nothing(single: bool) -> None:
    for change in (-1.0, 0.0, 1.0):
        low, high = one_sided(np.array([change]), 0.95, single=single)
        assert -1 <= low < 0 < high <= 1
