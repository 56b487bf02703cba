"""The compute-optimal choice between searches and plain draws, by difficulty.

After Snell et al. 2024 (arXiv 2408.03314, section 5.3): which method spends a budget of tokens best depends on how hard
a problem is for the model. Half of every problem's plain draws say its band of difficulty; the other half is what the
searches are compared with, so no problem's own measured draws decide for it. The budgets are what each search spends.
In every band the methods stand with their differences to the best one, whose p-values are multiplied by the number of
pairs of methods: any pair could have been the best and another.

The best of several on the same problems looks a little too good. So what the choice is worth is measured on other
problems than those that it is learned from (two folds)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from eval.metrics.beta_binomial import Floats
from eval.metrics.comparison import matched
from eval.metrics.estimate import Estimate, not_computed
from eval.metrics.groups import ENOUGH_FOR_BANDS, bands
from eval.metrics.samples import Classes, Samples
from eval.scaling.allocation import decided_samples
from eval.scaling.by_samples import TOKENS
from eval.scaling.curve import Curve, Point, point_of_values
from eval.scaling.equal_tokens import difference
from eval.scaling.halves import halves
from eval.scaling.methods import Budget, Rows, budget_of
from eval.scaling.reranking import BEST, MAJORITY
from eval.scaling.scored import ScoredSamples
from records.difficulty import DIFFICULTIES

OPTIMAL, ONE = "compute-optimal choice", "one method for all"
CHART, BAND_CHART = "search_optimal", "search_band"


def optimal_curves(
    searches: Mapping[str, Samples], scored: ScoredSamples, scorer: str, equivalent: Classes | None
) -> list[Curve]:
    """Return the choice's line over the budgets, with those of best-of-n and majority, and for each band and budget the
    methods that it affords, the best first. If there are too few draws, a curve without points says so."""
    samples, chart = scored.samples, Curve(chart=CHART, name=OPTIMAL, x=TOKENS, points=[], scorer=scorer)
    nothing = replace(chart, chart=BAND_CHART)
    enough = samples.sizes.min() >= 2 * ENOUGH_FOR_BANDS
    banding, measuring = halves(samples) if enough else (samples, samples)
    if not enough or min(decided_samples(half) for half in (banding, measuring)) < ENOUGH_FOR_BANDS:
        why = f"it takes {2 * ENOUGH_FOR_BANDS} plain draws of each problem that have a verdict"
        return [replace(nothing, facts=[not_computed(OPTIMAL, why)])]
    names = np.array(bands(banding))
    theirs = {name: matched(measuring, one, ("the plain draws", name)) for name, one in searches.items()}
    budgets = [budget_of(name, theirs, measuring, equivalent) for name in theirs]
    kept = np.all([budget.comparable for budget in budgets], axis=0)
    if kept.sum() < 2:
        return [replace(nothing, facts=[not_computed(OPTIMAL, "no two problems have a verdict by every method")])]
    budgets, names = [one.take(kept) for one in sorted(budgets, key=lambda one: one.tokens.mean())], names[kept]
    tables = [band_curve(budget, band, names == band, scorer) for band in DIFFICULTIES for budget in budgets]
    return [*choice_curves(budgets, names.tolist(), chart), *(one for one in tables if one.points)]


def choice_curves(budgets: list[Budget], names: list[str], chart: Curve) -> list[Curve]:
    chosen = {budget.name: cross_fitted(budget, names) for budget in budgets}
    points = [
        point_of_values(tokens.mean(), name, values, np.ones(len(values))) for name, (values, tokens) in chosen.items()
    ]
    facts = [fact for budget in budgets for fact in gains(budget, chosen[budget.name][0])]
    plain = [way for way in (BEST, MAJORITY) if way in budgets[0].methods]
    everywhere = np.ones(len(names), dtype=bool)
    return [
        replace(chart, points=points, facts=facts),
        *(
            replace(chart, name=way, points=[method_point(one, way, everywhere, one.name) for one in budgets])
            for way in plain
        ),
    ]


def gains(budget: Budget, chosen: Floats) -> Iterator[Estimate]:
    """Yield what the choice gains over spending the same tokens in one way on all problems."""
    one, _ = cross_fitted(budget, [""] * len(chosen))
    others = {way: budget.methods[way].values for way in (BEST, MAJORITY) if way in budget.methods} | {ONE: one}
    for way, values in others.items():
        yield difference(f"{OPTIMAL} against {way}, for the tokens of {budget.name}", chosen, values)


def cross_fitted(budget: Budget, names: list[str]) -> tuple[Floats, Floats]:
    """Return what each problem gets, and spends, by the method that is best in its band on the other fold's problems;
    by the best of that fold if it has none of the band."""
    groups, fold = np.array(names), np.arange(len(names)) % 2 == 1
    values, tokens = np.zeros(len(names)), np.zeros(len(names))
    for ours in (fold, ~fold):
        for name in sorted(set(groups[ours])):
            learned, rows = ~ours & (groups == name), ours & (groups == name)
            method = budget.methods[budget.best_first(learned if learned.any() else ~ours)[0]]
            values[rows], tokens[rows] = method.values[rows], method.tokens[rows]
    return values, tokens


def band_curve(budget: Budget, band: str, rows: Rows, scorer: str) -> Curve:
    """Return the methods that a budget affords for a band's problems as points, the best first, and as facts the best
    one's difference from each of the others, in the same order. Without problems there are no points."""
    ranked = budget.best_first(rows) if rows.any() else []
    points = [method_point(budget, name, rows, name) for name in ranked]
    pairs = len(ranked) * (len(ranked) - 1) // 2
    facts = [against_best(budget, ranked[0], name, band, rows, pairs) for name in ranked[1:]]
    return Curve(chart=BAND_CHART, name=budget.name, x=TOKENS, points=points, facts=facts, scorer=scorer, band=band)


def method_point(budget: Budget, name: str, rows: Rows, label: str) -> Point:
    method = budget.methods[name]
    return point_of_values(method.tokens[rows].mean(), label, method.values[rows], method.samples[rows])


def against_best(budget: Budget, best: str, other: str, band: str, rows: Rows, pairs: int) -> Estimate:
    ours, theirs = budget.methods[best].values[rows], budget.methods[other].values[rows]
    found = difference(f"{best} against {other}, {band} problems, for the tokens of {budget.name}", ours, theirs)
    return replace(found, p=None if found.p is None else min(1.0, found.p * pairs))
