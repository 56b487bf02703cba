"""How the spread over training seeds and the paired difference of two recipes are computed."""

import pytest

from bench.problem_pairs import over_problems
from bench.seeds import paired, score_of, spread


def make_score(value: float, count: int, **fields: str) -> dict[str, object]:
    row = {
        "model": "student",
        "precision": "full",
        "metric": "pass@1",
        "group": "",
        "value": value,
        "n_problems": count,
    }
    return row | {"n_problems": count} | fields


def test_the_score_is_over_all_problems_of_the_full_student() -> None:
    others = [
        make_score(0.0, 9, model="base"),
        make_score(0.1, 9, precision="nf4"),
        make_score(0.2, 9, metric="truncated"),
        make_score(0.3, 9, group="source: chain_sum"),
    ]
    assert score_of([make_score(1.0, 1), *others, make_score(0.5, 3)]) == pytest.approx(2.5 / 4)


def test_the_spread_divides_by_one_less_than_the_seeds() -> None:
    assert spread([90.0, 92.0, 97.0]) == "mean 93.0, standard deviation 3.6, 90.0 to 97.0"


def test_the_difference_is_paired_by_seed() -> None:
    mean, low, high = paired([10.0, 50.0, 90.0], [11.0, 53.0, 92.0])
    assert mean == pytest.approx(2.0)
    # differences 1, 3, 2: standard error 1 / sqrt(3), and t(0.975, 2) = 4.3027
    assert (low, high) == pytest.approx((2.0 - 4.3027 / 3**0.5, 2.0 + 4.3027 / 3**0.5), abs=1e-3)


def test_problems_count_with_their_mean_over_the_seeds() -> None:
    first = [{"a": 0.0, "b": 1.0, "c": 0.0}, {"a": 0.0, "b": 0.0, "c": 0.0}]
    second = [{"a": 1.0, "b": 1.0}, {"a": 1.0, "b": 1.0, "c": 1.0}]
    found = over_problems(first, second)
    assert (found.value, found.n_problems) == (0.75, 2), "1 for a, 0.5 for b; c lacks a verdict once"
    reversed_ = over_problems(second, first)
    assert reversed_.interval == pytest.approx((-found.interval[1], -found.interval[0]))
    with pytest.raises(ValueError, match="no problem was decided"):
        over_problems([{"a": 1.0}], [{"b": 1.0}])
