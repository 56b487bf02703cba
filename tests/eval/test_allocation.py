"""Allocations by difficulty: decided by one half of the samples, measured by the other."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scaling_makers import table

from eval.metrics.groups import bands
from eval.metrics.samples import Samples
from eval.scaling.allocation import Worth, allocation_curves, cross_fitted, worth
from eval.scaling.choices import best_choices, best_of_all, hull
from eval.scaling.curve import Curve
from eval.scaling.halves import halves

N = 16


def drawn(rates: np.ndarray, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random((len(rates), N)) < rates[:, None]).astype(int)


MIXED = drawn(np.repeat([0.05, 0.3, 0.98], 60))
"""Hard, middling and easy problems."""


def values(curves: list[Curve]) -> dict[str, list[float]]:
    return {one.name.partition(":")[0]: [point.value or 0.0 for point in one.points] for one in curves}


def measured(verdicts: np.ndarray) -> Worth:
    """What samples at odd places are worth, in bands by those at even places."""
    banding, measuring = halves(table(verdicts))
    return replace(worth(measuring, [1, 2, 4, 8], None), bands=bands(banding))


def test_difficult_problems_get_more_and_the_total_is_kept() -> None:
    measures = measured(MIXED)
    plans = cross_fitted(measures)
    for k, plan in plans.items():
        assert plan.mean() <= k
    easy = np.array([band == "always" for band in measures.bands])
    assert plans[4][easy].max() == 1
    assert plans[4][~easy].mean() > 4


def test_knowing_the_difficulty_pays_where_problems_differ() -> None:
    curves = allocation_curves(table(MIXED), None)
    assert [one.name.partition(":")[0] for one in curves] == ["even", "compute-optimal", "oracle"]
    found = values(curves)
    assert found["even"][0] == found["compute-optimal"][0]
    assert found["compute-optimal"][1] > found["even"][1]
    gain = curves[1].facts[0]
    assert gain.metric == "compute-optimal minus even at 2 samples per problem"
    assert gain.value == pytest.approx(found["compute-optimal"][1] - found["even"][1])
    assert (gain.p or 1) < 0.05
    for optimal, oracle in zip(found["compute-optimal"], found["oracle"], strict=True):
        assert oracle >= optimal - 1e-9, "nobody does better than who decides by what is measured"


def test_a_problems_measured_samples_decide_nothing_for_it() -> None:
    """Other verdicts at the odd places of every second problem leave these problems' samples as they were."""
    changed = MIXED.copy()
    changed[::2, 1::2] = 1 - changed[::2, 1::2]
    before, after = (cross_fitted(measured(one)) for one in (MIXED, changed))
    for k in before:
        assert (before[k][::2] == after[k][::2]).all()
    assert any((before[k][1::2] != after[k][1::2]).any() for k in before), "it decides for the others"
    oracles = [allocation_curves(table(one), None)[2] for one in (MIXED, changed)]
    assert [point.x for point in oracles[0].points] != [point.x for point in oracles[1].points], "the oracle peeks"


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.9])
def test_where_all_problems_are_equal_little_is_lost_and_nothing_gained(rate: float) -> None:
    """Bands are luck then. A problem that was never solved in four tries is as good as the others."""
    gains = []
    for seed in range(20):
        found = values(allocation_curves(table(drawn(np.full(60, rate), seed)), None))
        gains.append(found["compute-optimal"][2] - found["even"][2])
    assert -0.03 < np.mean(gains) < 0.01


def test_the_choice_is_the_best_of_all() -> None:
    rng = np.random.default_rng(0)
    ks, sizes = [1, 2, 4], [5, 3, 7]
    sums = [np.sort(rng.random(3)) * size for size in sizes]
    front = best_choices(ks, sizes, sums)
    for budget in range(15, 61, 5):
        affordable = [
            sum(sums[band][at] for band, at in enumerate(choice))
            for choice in product(range(3), repeat=3)
            if sum(sizes[band] * ks[at] for band, at in enumerate(choice)) <= budget
        ]
        ours = max(choice.value for choice in front if choice.cost <= budget)
        assert ours == pytest.approx(max(affordable))


def test_no_allocation_is_better_than_the_oracles() -> None:
    rng = np.random.default_rng(0)
    ks, values = [1, 2, 4, 8], rng.random((4, 4))
    for total in (4, 7, 12, 20, 32):
        numbers, found = best_of_all(ks, values, total)
        steps = [np.array([(ks[0], row[0]), *hull(ks, row)]).cumsum(axis=0) for row in values]
        assert numbers.sum() == pytest.approx(min(total, sum(one[-1, 0] for one in steps)))
        assert found == pytest.approx([np.interp(number, *one.T) for number, one in zip(numbers, steps, strict=True)])
        for choice in product(range(4), repeat=4):
            if sum(ks[at] for at in choice) <= total:
                assert found.sum() >= sum(values[problem, at] for problem, at in enumerate(choice)) - 1e-9


def test_a_step_that_adds_nothing_is_not_taken() -> None:
    assert hull([1, 2, 4], np.array([0.5, 0.5, 0.5])) == []
    assert hull([1, 2, 4], np.array([0.1, 0.1, 0.7])) == [(3.0, pytest.approx(0.6))], "two samples bring nothing yet"
    assert hull([1, 2, 4], np.array([0.1, 0.5, 0.7])) == [(1.0, pytest.approx(0.4)), (2.0, pytest.approx(0.2))]


@pytest.mark.parametrize(("n", "curves"), [(7, 0), (8, 3), (9, 3)])
def test_each_half_needs_four_samples(n: int, curves: int) -> None:
    assert len(allocation_curves(table(MIXED[:, :n]), None)) == curves


def test_votes_and_scores_are_used_where_they_are() -> None:
    """A perfect score makes best-of-k pass@k; without votes there is no majority."""
    scored = table(MIXED, scores=MIXED + 0.01 * np.arange(N))
    voted = table(MIXED, answers=np.where(MIXED == 1, 0, 1))

    def at_two(samples: Samples) -> float:
        return values(allocation_curves(samples, None))["even"][1]

    assert at_two(scored) == pytest.approx(at_two(table(MIXED)))
    assert at_two(voted) == pytest.approx(values(allocation_curves(voted, None))["even"][0], abs=0.02)
