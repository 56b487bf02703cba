"""Compares searches with plain draws of the same problems at equal tokens.

A search that keeps one path drops what the others cost. It is worth its tokens if it is right more often than what else
they buy: of each problem as many whole traces as its search's tokens pay for, of which the scorer's best is taken, or
the answer of the majority (Snell et al. 2024, arXiv 2408.03314, section 5).

Draws are bought one after the other, in ORDERS random orders, over which every figure is averaged. The draw that the
tokens pay for in part is bought with the chance that makes the spent tokens equal on average; the first is always."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.answer_classes import classes_of
from eval.metrics.beta_binomial import Floats
from eval.metrics.differences import paired_difference
from eval.metrics.estimate import Estimate, not_computed
from eval.metrics.samples import UNKNOWN, Classes, Samples
from eval.metrics.voting import NO_VOTE, class_worth, winners_worth

ORDERS = 64


@dataclass(frozen=True, slots=True)
class AtEqualTokens:
    """One value for each problem. Made by `at_equal_tokens`; read by comparisons. What chooses is NaN where a chosen
    answer has no verdict."""

    tokens: Floats
    """Completion tokens of the search, dropped paths included."""
    searched: Floats
    """1 if the search found a right answer, else 0; NaN without a verdict."""
    draws: Floats
    """Whole traces that as many tokens pay for."""
    drawn_tokens: Floats
    """Of these."""
    best_of: Floats
    """Chance that the one with the highest score is right."""
    weighted: Floats | None
    """Chance that the answer with the largest sum of scores is right; None if answers were not recorded."""
    majority: Floats | None
    """Chance that the most frequent answer is right; None if answers were not recorded."""
    short: NDArray[np.bool_]
    """True if there are too few draws to spend the search's tokens on: the comparison then favours the search."""


def at_equal_tokens(searches: Samples, draws: Samples, equivalent: Classes | None) -> AtEqualTokens:
    """Compare one search of each problem, with the tokens of the whole search, with the problem's draws, which have
    scores and tokens. Both hold the same problems in the same order (`eval.metrics.comparison.matched`)."""
    assert searches.tokens is not None, "read with tokens"
    assert draws.tokens is not None, "read with tokens"
    assert draws.scores is not None, "read with scores"
    n = len(searches.problems)
    verdicts = decided(draws)
    classes = None if draws.answers is None else classes_of(draws, equivalent)
    sums = {name: np.zeros(n) for name in ("draws", "drawn_tokens", "best_of", "weighted", "majority")}
    rng = np.random.default_rng(0)
    for problems, rows in draws.blocks(np.ones(len(draws.verdicts), dtype=bool)):
        votes = classes[rows] if classes is not None else np.full(rows.shape, NO_VOTE, dtype=np.int32)
        worth = class_worth(votes, verdicts[rows])
        for _ in range(ORDERS):
            order = rng.random(rows.shape).argsort(axis=1)
            drawn, voting = np.take_along_axis(rows, order, axis=1), np.take_along_axis(votes, order, axis=1)
            tokens, scores = draws.tokens[drawn], draws.scores[drawn]
            paid = bought(tokens, searches.tokens[problems], rng.random(len(problems)))
            best = np.where(paid, scores, -np.inf).argmax(axis=1)
            heavy = np.where(np.isfinite(scores), scores, 0.0)
            sums["draws"][problems] += paid.sum(axis=1)
            sums["drawn_tokens"][problems] += (tokens * paid).sum(axis=1)
            sums["best_of"][problems] += verdicts[drawn[np.arange(len(drawn)), best]]
            sums["weighted"][problems] += winners_worth(np.where(paid, voting, NO_VOTE), worth, heavy)
            sums["majority"][problems] += winners_worth(np.where(paid, voting, NO_VOTE), worth)
    means = {name: total / ORDERS for name, total in sums.items()}
    return AtEqualTokens(
        tokens=searches.tokens,
        searched=decided(searches),
        draws=means["draws"],
        drawn_tokens=means["drawn_tokens"],
        best_of=means["best_of"],
        weighted=None if classes is None else means["weighted"],
        majority=None if classes is None else means["majority"],
        short=draws.sums(draws.tokens) < searches.tokens,
    )


def decided(samples: Samples) -> Floats:
    """Return 1 for right, 0 for wrong samples; NaN without a verdict."""
    return np.where(samples.verdicts == UNKNOWN, np.nan, samples.verdicts.astype(np.float64))


def bought(tokens: Floats, budgets: Floats, chances: Floats) -> NDArray[np.bool_]:
    """Return which of the draws, whose tokens are [problems, n] in the order of buying, the budgets pay for. The draw
    that is paid for in part is bought if the paid part exceeds the problem's chance, between 0 and 1."""
    before = tokens.cumsum(axis=1) - tokens
    paid = np.asarray(before + chances[:, None] * tokens < budgets[:, None])
    paid[:, 0] = True
    return paid


def difference(metric: str, ours: Floats, theirs: Floats) -> Estimate:
    """Return the mean paired difference, on the problems that have a value on both sides."""
    there = ~(np.isnan(ours) | np.isnan(theirs))
    if not there.any():
        return not_computed(metric, "no problem has a verdict on both sides")
    sides = ours[there], theirs[there]
    single = all(bool(np.isin(values, (0.0, 1.0)).all()) for values in sides)
    found = paired_difference(sides[0] - sides[1], single=single)
    return Estimate(metric, found.value, *found.interval, found.n_problems, found.n_problems, found.p)
