"""Paired differences: exact p-values, intervals that are never of width zero, and what a comparison could show."""

import numpy as np
import pytest
from scipy import stats

from bench.coverage import cover_differences
from eval.metrics.comparison import compare, matched
from eval.metrics.differences import mcnemar, mean_difference, paired_difference
from eval.metrics.planning import ERRORS, problems_for_a_point, samples_for_a_point, smallest_difference
from eval.metrics.samples import Samples, sorted_samples
from records.errors import InputError


def flips(lost: int, gained: int, n: int) -> np.ndarray:
    return np.repeat([-1.0, 1.0, 0.0], [lost, gained, n - lost - gained])


def made(rates: list[list[int]], names: list[str] | None = None) -> Samples:
    """One problem per inner list, one sample per 1 (right), 0 (wrong) or -1 (unknown)."""
    sizes = [len(one) for one in rates]
    samples, _ = sorted_samples(
        names or [f"p{at}" for at in range(len(rates))],
        np.repeat(np.arange(len(rates), dtype=np.int32), sizes),
        np.concatenate([np.arange(size) for size in sizes]),
        verdicts=np.concatenate(rates).astype(np.int8),
    )
    return samples


@pytest.mark.parametrize(
    ("lost", "gained", "p"),
    [(31, 23, 0.3409), (9, 4, 0.2668), (18, 1, 7.63e-5), (171, 9, 6.0e-40), (0, 0, 1), (0, 5, 0.0625)],
)
def test_mcnemar_is_exact(lost: int, gained: int, p: float) -> None:
    assert mcnemar(lost, gained) == pytest.approx(p, rel=0.02)


def test_single_samples_get_bonett_and_prices_interval() -> None:
    """By their formula for 31 lost and 23 gained of 500: counts plus one each, of 502."""
    found = paired_difference(flips(31, 23, 500), single=True)
    gained, lost = 24 / 502, 32 / 502
    half = 1.959964 * np.sqrt((gained + lost - (gained - lost) ** 2) / 502)
    assert found.value == pytest.approx(-8 / 500)
    assert found.interval == pytest.approx((gained - lost - half, gained - lost + half))


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("n", [1, 2, 30, 500])
def test_nothing_that_differs_proves_nothing(n: int, single: bool) -> None:
    """An unchanged nf4 is not lossless: unseen problems may differ, by the rule of three 3 / n of them."""
    found = paired_difference(np.zeros(n), single=single)
    low, high = found.interval
    assert (found.value, found.p) == (0, 1)
    assert low == -high
    assert min(1, 2 / (n + 2)) < high <= 1
    assert found.variance > 0


@pytest.mark.parametrize("single", [True, False])
def test_one_problem_is_no_evidence(single: bool) -> None:
    found = paired_difference(np.array([1.0]), single=single)
    assert found.interval[0] < 0 < found.interval[1] <= 1
    assert found.p > 0.3


def test_with_many_differences_it_is_the_clustered_t_interval() -> None:
    changes = np.random.default_rng(0).normal(0.02, 0.1, 400)
    found = paired_difference(changes, single=False)
    half = stats.t.ppf(0.975, 399) * changes.std(ddof=1) / 20
    assert found.interval == pytest.approx((changes.mean() - half, changes.mean() + half), abs=6e-4)
    assert found.p == pytest.approx(stats.ttest_1samp(changes, 0).pvalue, rel=0.1)


@pytest.mark.parametrize(("rate", "correlation"), [(0.5, 0.0), (0.5, 0.2), (0.1, 0.2)])
def test_differences_are_covered_as_often_as_claimed(rate: float, correlation: float) -> None:
    slack = 3 * np.sqrt(0.05 * 0.95 / 600)
    assert abs(cover_differences(8, rate, correlation, lost=0.2, repetitions=600) - 0.96) < slack


def test_rare_differences_are_covered() -> None:
    assert cover_differences(8, 0.01, 0.2, lost=0.5, repetitions=300) > 0.93


def test_the_smallest_difference_and_what_shows_a_point() -> None:
    """Cohen: 80 % power at 5 % takes 2.80 standard errors."""
    assert pytest.approx(2.8016, abs=1e-4) == ERRORS
    assert smallest_difference(0.25, 100) == pytest.approx(2.8016 * 0.05, abs=1e-5)
    assert problems_for_a_point(0.108 - 0.016**2) == 8457
    enough = problems_for_a_point(0.108)
    assert smallest_difference(0.108, enough) <= 0.01 < smallest_difference(0.108, enough - 1)


def test_more_samples_help_only_against_chance() -> None:
    allowed = 1000 * (0.01 / ERRORS) ** 2
    assert samples_for_a_point(allowed, 0.0, 4, 1000) == 4, "these show it already"
    assert samples_for_a_point(2 * allowed, 2 * allowed, 4, 1000) == 8
    assert samples_for_a_point(2 * allowed, 0.5 * allowed, 4, 1000) is None


def test_a_comparison_pairs_problems_by_name() -> None:
    ours, theirs = made([[1, 1], [0, 0]], ["a", "b"]), made([[0, 1], [1, 1]], ["b", "a"])
    rows = {row.metric: row for row in compare(ours, matched(ours, theirs, ("x", "y")))}
    assert rows["difference"].value == -0.25
    assert (rows["worse"].value, rows["better"].value) == (1, 0)
    assert rows["either"].value == 0.75
    assert rows["samples_for_one_point"].why.startswith("not computed: no number of samples")


def test_single_samples_are_told_as_lost_and_gained() -> None:
    ours, theirs = made([[1], [0], [0], [1]]), made([[0], [1], [1], [1]])
    rows = {row.metric: row for row in compare(ours, theirs)}
    assert (rows["lost"].value, rows["gained"].value, rows["either"].value) == (2, 1, 1)
    assert rows["difference"].p == 1
    assert rows["samples_for_one_point"].why.startswith("not computed: a single sample")
    assert rows["standard_error_paired"].value == pytest.approx(np.sqrt(11 / 16 / 4))


def test_problems_without_a_verdict_on_one_side_are_left_out() -> None:
    rows = {row.metric: row for row in compare(made([[1], [-1], [0]]), made([[1], [1], [-1]]))}
    assert (rows["difference"].value, rows["difference"].n_problems) == (0, 1)
    assert compare(made([[1]]), made([[-1]]))[0].why == "not computed: no problem has a verdict on both sides"


def test_different_problems_are_named() -> None:
    with pytest.raises(InputError, match=r"x and y cannot be compared.* 1 problems .* 2 only .*'b', 'c', 'd'\)"):
        matched(made([[1], [1]], ["a", "b"]), made([[1], [1], [1]], ["a", "c", "d"]), ("x", "y"))


def test_lengths_differ_by_at_least_rounding() -> None:
    (low, high), p = mean_difference(np.zeros(4))
    assert low < 0 < high
    assert p == 1
    (low, high), p = mean_difference(np.array([10.0, 20.0, 30.0]))
    assert (low + high) / 2 == 20
    assert p == pytest.approx(stats.ttest_1samp([10.0, 20.0, 30.0], 0).pvalue)
