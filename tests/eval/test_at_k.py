"""pass@k, G-Pass@k, maj@k and best-of-k are what averaging over all subsets gives."""

from itertools import combinations

import numpy as np
import pytest

from eval.metrics.at_k import at_least, chance_interval, needed
from eval.metrics.beta_binomial import posterior
from eval.metrics.voting import NO_VOTE, best_of_values, majority_values

RIGHT = [1, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("k", range(1, 7))
@pytest.mark.parametrize("hits", [1, 2])
def test_chances_are_shares_of_all_subsets(k: int, hits: int) -> None:
    subsets = list(combinations(RIGHT, k))
    expected = sum(sum(subset) >= hits for subset in subsets) / len(subsets)
    assert at_least(hits, k, np.array([2.0]), np.array([6.0])) == pytest.approx(expected)


def test_pass_at_k_by_the_formula_of_its_paper() -> None:
    """1 - prod(1 - k / i for i in n-c+1 .. n), Chen et al. 2021, figure 3; for many problems at once."""
    right, samples = np.array([0.0, 1.0, 3.0, 8.0, 3.0]), np.array([8.0, 8.0, 8.0, 8.0, 5.0])
    expected = [1 - np.prod(1 - 4 / np.arange(n - c + 1, n + 1)) for c, n in zip(right, samples, strict=True)]
    expected[3] = 1  # fewer than 4 are wrong
    assert at_least(1, 4, right, samples) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("threshold", "k", "expected"), [(0.5, 8, 4), (0.75, 8, 6), (1.0, 8, 8), (0.5, 3, 2), (0.1, 4, 1), (0.1, 30, 3)]
)
def test_a_threshold_is_rounded_up_to_whole_samples(threshold: float, k: int, expected: int) -> None:
    assert needed(threshold, k) == expected


@pytest.mark.parametrize("k", [2, 8, 16])
def test_the_interval_of_a_chance_contains_it(k: int) -> None:
    right, samples = np.array([0.0, 1.0, 16.0, 5.0, 0.0]), np.full(5, 16.0)
    for hits in (1, needed(0.75, k)):
        values = at_least(hits, k, right, samples)
        low, high = chance_interval(posterior(right, samples), hits, k, values)
        assert 0 <= low <= values.mean() <= high <= 1
        assert high - low > 0.1


def votes(*classes: int) -> np.ndarray:
    return np.array([classes], dtype=np.int32)


@pytest.mark.parametrize(
    ("classes", "right", "expected"),
    [
        ([0, 1, 1], [1, 0, 0], 0.0),
        ([0, 1, 0], [1, 0, 1], 1.0),
        ([0, 1, 2], [1, 0, 0], 1.0),  # a tie goes to the answer drawn first
        ([1, 0, 2], [0, 1, 0], 0.0),
        ([NO_VOTE, NO_VOTE, 0], [0, 0, 1], 1.0),
        ([NO_VOTE, NO_VOTE, NO_VOTE], [0, 0, 0], 0.0),
        ([0, 0, 1], [1, 0, 0], 0.5),  # one class, judged both ways
        ([0, 0, 1], [1, np.nan, 0], 1.0),
    ],
)
def test_the_majority_of_all_samples(classes: list[int], right: list[float], expected: float) -> None:
    assert majority_values(votes(*classes), np.array([right]), [3])[3] == expected


def test_a_majority_without_a_verdict_is_not_known() -> None:
    assert np.isnan(majority_values(votes(0, 0, 1), np.array([[np.nan, np.nan, 1.0]]), [3])[3][0])


def test_smaller_majorities_average_over_subsets() -> None:
    """Of [a, a, b, c, c, c] with c right: by all ordered subsets of 3, where a tie goes to the one drawn first."""
    from itertools import permutations

    classes, right = [0, 0, 1, 2, 2, 2], [0, 0, 0, 1, 1, 1]
    wins = []
    for drawn in permutations(range(6), 3):
        counts = [sum(classes[at] == classes[one] for at in drawn) for one in drawn]
        wins.append(right[drawn[counts.index(max(counts))]])
    many = np.repeat(votes(*classes), 2000, axis=0)
    found = majority_values(many, np.repeat([np.array(right, dtype=float)], 2000, axis=0), [1, 3])
    assert found[3].mean() == pytest.approx(np.mean(wins), abs=0.005)
    assert found[1].mean() == pytest.approx(0.5, abs=0.005)


def test_majorities_of_several_problems_do_not_mix() -> None:
    classes = np.array([[0, 0, 1], [0, 1, 1]], dtype=np.int32)
    right = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    assert majority_values(classes, right, [3])[3].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    "scores", [[1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 3.0, 2.0], [5.0, 5.0, 5.0, 5.0], [4.0, -1.0, 0.0, 9.5]]
)
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_best_of_k_averages_over_subsets(scores: list[float], k: int) -> None:
    right = [1.0, 0.0, 1.0, 0.0]
    worths = []
    for subset in combinations(range(4), k):
        best = max(scores[at] for at in subset)
        tied = [right[at] for at in subset if scores[at] == best]
        worths.append(sum(tied) / len(tied))
    assert best_of_values(np.array([scores]), np.array([right]), k)[0] == pytest.approx(np.mean(worths))
