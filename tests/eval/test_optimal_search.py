"""Searches as points beside plain draws, and which method is best by difficulty, where the truth is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from metric_makers import judged
from scaling_makers import N, made, plain, scored, search, table

from eval.metrics.samples import UNKNOWN
from eval.scaling.curve import Curve
from eval.scaling.optimal_search import BAND_CHART, ONE, OPTIMAL, optimal_curves
from eval.scaling.reranking import BEST, MAJORITY, WEIGHTED
from eval.scaling.searches import DRAWS, SHORT, gain_over, read_search, search_curves
from records.errors import InputError
from records.searched import Searched

EASY, HARD = slice(0, N // 2), slice(N // 2, N)


def by_name(curves: list[Curve], chart: str) -> dict[str, Curve]:
    return {one.name: one for one in curves if one.chart == chart}


FOUND = Searched("beam", 3, 10, 40, 0, 0.5)


def test_a_search_counts_the_tokens_of_what_it_dropped_too(tmp_path: Path) -> None:
    read = read_search(judged(tmp_path / "found", [[1], [0]], searched=FOUND))
    assert read.tokens is not None
    assert (read.tokens.tolist(), read.verdicts.tolist()) == ([40, 40], [1, 0])


@pytest.mark.parametrize(("outcomes", "searched"), [([[1, 0], [1]], FOUND), ([[1], [0]], None)])
def test_several_traces_of_a_problem_or_plain_draws_are_no_search(
    tmp_path: Path, outcomes: list[list[int]], searched: Searched | None
) -> None:
    with pytest.raises(InputError, match="holds others than one search of each problem"):
        read_search(judged(tmp_path / "others", outcomes, searched=searched))


def test_a_search_is_a_point_at_its_tokens_beside_the_lines() -> None:
    draws, found = plain(made(0.9, 0.2, 1)), search(made(1.0, 0.5, 2))
    curves = search_curves({"beam 4": found}, draws, "prm", None)
    assert [one.name for one in curves] == [MAJORITY, BEST, WEIGHTED, "beam 4"]
    assert {one.chart for one in curves} == {"search"}
    assert [point.x for point in curves[0].points] == [10, 20, 40, 80, 160]
    [point] = curves[3].points
    assert (point.x, point.value) == (40, pytest.approx(found.verdicts.mean()))
    facts = {fact.metric: fact for fact in curves[3].facts}
    assert [fact.metric for fact in curves[3].facts[:3]] == [
        gain_over("beam 4", way) for way in (BEST, WEIGHTED, MAJORITY)
    ]
    assert (facts[DRAWS].value, facts[SHORT].value) == (4, 0)
    gain = facts[gain_over("beam 4", BEST)]
    assert gain.value == pytest.approx(found.verdicts.mean() - draws.samples.verdicts.mean(), abs=0.03)
    assert (gain.n_problems, gain.p is not None) == (N, True), "the score says nothing, so best-of-n is a random draw"


def test_searches_of_other_problems_are_refused() -> None:
    other = replace(search(made(1, 1, 1)), problems=[f"q{at}" for at in range(N)])
    with pytest.raises(InputError, match="beam and the plain draws cannot be compared"):
        search_curves({"beam": other}, plain(made(1, 1, 1)), "prm", None)


def test_the_order_of_the_problems_does_not_matter() -> None:
    draws, found = plain(made(0.9, 0.2, 1)), search(made(1.0, 0.5, 2))
    turned = found.take(np.arange(N)[::-1])
    first, second = (search_curves({"b": one}, draws, "prm", None)[3].facts[0].value for one in (found, turned))
    assert first == pytest.approx(second, abs=0.03), "orders of drawing differ, problems do not"


def test_the_best_method_is_found_in_each_band() -> None:
    """On easy problems the majority is best, on hard ones the search."""
    draws = plain(made(0.8, 0.1, 1))
    found = search(made(0.5, 0.9, 3))
    curves = optimal_curves({"beam 4": found}, draws, "prm", None)
    bands = {one.band: one for one in curves if one.chart == BAND_CHART}
    assert bands["easy"].points[0].label in (MAJORITY, WEIGHTED)
    assert bands["never"].points[0].label == bands["hard"].points[0].label == "beam 4"
    assert {one.name for one in bands.values()} == {"beam 4"}, "the budget is what the search spends"
    assert sum(one.points[0].n_problems for one in bands.values()) == N
    hard = bands["hard"]
    assert [point.value for point in hard.points] == sorted((point.value or 0 for point in hard.points), reverse=True)
    assert len(hard.facts) == len(hard.points) - 1 == 3
    for fact, other in zip(hard.facts, hard.points[1:], strict=True):
        assert fact.metric.startswith(f"beam 4 against {other.label}, hard problems")
        assert fact.value == pytest.approx((hard.points[0].value or 0) - (other.value or 0))
    optimal = by_name(curves, "search_optimal")
    assert list(optimal) == [OPTIMAL, BEST, MAJORITY]
    facts = {fact.metric: fact for fact in optimal[OPTIMAL].facts}
    over_one = facts[f"{OPTIMAL} against {ONE}, for the tokens of beam 4"]
    assert (over_one.value or 0) > 0.1
    assert (over_one.p or 1) < 0.01
    assert optimal[OPTIMAL].points[0].x == pytest.approx(40, abs=1)


def test_where_nothing_differs_nothing_is_shown_to() -> None:
    """All methods are right with the same chance. The best of five looks better than the others by luck, which the
    factor of the p-values allows for."""
    chosen = []
    for seed in range(12):
        found = {"beam 1": search(made(0.5, 0.5, seed + 100), 10), "dvts 1": search(made(0.5, 0.5, seed + 200), 10)}
        curves = optimal_curves(found, plain(made(0.5, 0.5, seed)), "p", None)
        assert all((fact.p or 0) >= 0.05 for one in curves if one.chart == BAND_CHART for fact in one.facts)
        chosen += by_name(curves, "search_optimal")[OPTIMAL].facts
    assert abs(np.mean([fact.value for fact in chosen])) < 0.05, "what is learned on other problems gains nothing"


def test_p_values_are_multiplied_by_the_number_of_pairs() -> None:
    right = made(0.5, 0.5, 1)
    both = {"beam 4": search(made(0.8, 0.8, 2)), "dvts 4": search(made(0.1, 0.1, 3))}
    alone, together = (
        next(one for one in optimal_curves(found, plain(right), "p", None) if one.band == "medium")
        for found in ({"beam 4": both["beam 4"]}, both)
    )
    p, times = ({fact.metric: fact.p or 0 for fact in one.facts} for one in (alone, together))
    metric = f"beam 4 against {BEST}, medium problems, for the tokens of beam 4"
    assert times[metric] == pytest.approx(p[metric] * 10 / 6), "pairs of five methods instead of four"
    assert all(value <= 1 for value in times.values())


def test_a_search_competes_where_its_tokens_suffice() -> None:
    right = made(0.5, 0.5, 1)
    for tokens, there in ((40, True), (40.8, True), (40.9, False), (80, False)):
        found = {"small": search(right, 40), "large": replace(search(right), tokens=np.full(N, float(tokens)))}
        bands = [one for one in optimal_curves(found, plain(right), "p", None) if one.chart == BAND_CHART]
        labels = {point.label for one in bands if one.name == "small" for point in one.points}
        assert ("large" in labels) == there
        assert "small" in {point.label for one in bands if one.name == "large" for point in one.points}


@pytest.mark.parametrize(("n", "computed"), [(7, False), (8, True), (9, True)])
def test_it_takes_eight_draws_of_each_problem(n: int, computed: bool) -> None:
    curves = optimal_curves({"beam 4": search(made(1, 1, 1))}, plain(made(0.9, 0.5, 1, n)), "prm", None)
    assert bool(by_name(curves, "search_optimal")) == computed
    if not computed:
        [curve] = curves
        assert (curve.chart, curve.points) == (BAND_CHART, [])
        assert curve.facts[0].why == "not computed: it takes 8 plain draws of each problem that have a verdict"


def test_problems_without_a_verdict_are_left_out() -> None:
    found, right = made(1.0, 1.0, 1), made(0.5, 0.5, 1)
    found[:7] = UNKNOWN
    curves = optimal_curves({"beam 4": search(found)}, plain(right), "prm", None)
    assert by_name(curves, "search_optimal")[OPTIMAL].points[0].n_problems == N - 7
    nothing = optimal_curves({"beam 4": search(np.full((N, 1), UNKNOWN))}, plain(right), "prm", None)
    assert nothing[0].facts[0].why.startswith("not computed: no two problems have a verdict by every method")


def test_programs_have_no_vote() -> None:
    right = made(0.9, 0.5, 1)
    programs = scored(table(right, np.full(right.shape, 10), None, right.astype(float)))
    found = {"beam 4": search(made(1, 1, 1))}
    assert list(by_name(optimal_curves(found, programs, "prm", None), "search_optimal")) == [OPTIMAL, BEST]
    [point] = search_curves(found, programs, "prm", None)
    assert [fact.metric for fact in point.facts] == [gain_over("beam 4", BEST), DRAWS, SHORT]
