"""Computes maj@k and best-of-k: what k samples of a problem are worth if one answer is chosen from them.

maj@k takes the answer that most of the k samples agree on (self-consistency, Wang et al. 2022, arXiv 2203.11171);
answers vote as classes of equivalent answers, samples without an answer do not vote, and a tie goes to the answer drawn
first. Best-of-k takes the sample with the highest stored score.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats

SHUFFLED_SAMPLES = 8_000_000
"""Samples that are shuffled, over all problems, to average maj@k over the subsets of k samples; exact averages would
take a sum over all ways in which k votes fall on the answers."""
MOST_SHUFFLES, LEAST_SHUFFLES = 256, 8
NO_VOTE = -1


def majority_values(
    classes: NDArray[np.int32], right: Floats, ks: list[int], weights: Floats | None = None
) -> dict[int, Floats]:
    """Return maj@k of every problem for each k, between 0 and 1; NaN where the chosen answer has no verdict.

    `weights`, [problems, n] and not negative, say how much each sample's vote counts; without them all count alike.

    `classes`, [problems, n] in the order of drawing, holds each sample's class of equivalent answers, 0 .. n-1 within
    the problem, or NO_VOTE. `right` holds 1, 0 or NaN. A class is worth the mean verdict of its samples.
    k = n uses the samples in their order; smaller k average over seeded shuffles.
    """
    n_problems, n = classes.shape
    worth = class_worth(classes, right)
    values = {k: winners_worth(classes, worth, weights) for k in ks if k == n}
    smaller = [k for k in ks if k < n]
    if not smaller:
        return values
    shuffles = int(np.clip(SHUFFLED_SAMPLES // classes.size, LEAST_SHUFFLES, MOST_SHUFFLES))
    rng = np.random.default_rng(0)
    sums = {k: np.zeros(n_problems) for k in smaller}
    for _ in range(shuffles):
        order = rng.random(classes.shape, dtype=np.float32).argsort(axis=1)
        shuffled = np.take_along_axis(classes, order, axis=1)
        heavy = None if weights is None else np.take_along_axis(weights, order, axis=1)
        for k in smaller:
            sums[k] += winners_worth(shuffled[:, :k], worth, None if heavy is None else heavy[:, :k])
    return values | {k: total / shuffles for k, total in sums.items()}


def class_worth(classes: NDArray[np.int32], right: Floats) -> Floats:
    """Return the mean verdict of each class, [problems, n]; NaN for a class without a verdict."""
    cells = cells_of(classes, classes.shape[1])
    decided = (cells >= 0) & ~np.isnan(right)
    counts = np.bincount(cells[decided], minlength=classes.size)
    sums = np.bincount(cells[decided], weights=right[decided], minlength=classes.size)
    with np.errstate(invalid="ignore"):
        return np.asarray((sums / counts).reshape(classes.shape))


def winners_worth(drawn: NDArray[np.int32], worth: Floats, weights: Floats | None = None) -> Floats:
    """Return for each problem the worth of the class with most votes among the drawn samples, 0 if none votes. Sums of
    weights are compared to nine digits, however small they are: the same scores in another order may differ in the last
    bits."""
    n_problems, n_classes = worth.shape
    cells = cells_of(drawn, n_classes)
    voting = cells >= 0
    heavy = None if weights is None else weights[voting]
    votes = np.bincount(cells[voting], heavy, minlength=worth.size).reshape(worth.shape)
    first: NDArray[Any] = np.full(worth.size, drawn.shape[1])
    places = np.broadcast_to(np.arange(drawn.shape[1]), drawn.shape)
    np.minimum.at(first, cells[voting], places[voting])
    first = first.reshape(worth.shape)
    votes = np.where(first < drawn.shape[1], votes, -1)
    leads = votes >= votes.max(axis=1, keepdims=True) * (1 - 1e-9)
    winner = np.where(leads, first, drawn.shape[1] + 1).argmin(axis=1)
    rows = np.arange(n_problems)
    return np.where(votes[rows, winner] >= 0, worth[rows, winner], 0.0)


def cells_of(classes: NDArray[np.int32], n_classes: int) -> NDArray[np.int64]:
    """Number the classes of all problems one after the other; NO_VOTE stays."""
    rows = np.arange(len(classes), dtype=np.int64)[:, None] * n_classes
    return np.where(classes == NO_VOTE, np.int64(NO_VOTE), rows + classes)


def best_of_values(scores: Floats, right: Floats, k: int) -> Floats:
    """Return best-of-k of every problem, averaged over all subsets of k of its n samples; samples with equal scores
    share their chance. `scores` and `right` are [problems, n].

    The sample at rank j of n, from the lowest, is the best of k with chance C(j-1, k-1) / C(n, k).
    """
    n = scores.shape[1]
    order = scores.argsort(axis=1, kind="stable")
    ranked, worth = np.take_along_axis(scores, order, axis=1), np.take_along_axis(right, order, axis=1)
    chances = chance_of_rank(n, k)
    starts = np.ones(ranked.shape, dtype=bool)
    starts[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    ties = np.cumsum(starts.ravel()) - 1
    mean_worth = np.bincount(ties, weights=worth.ravel()) / np.bincount(ties)
    return np.asarray((mean_worth[ties].reshape(ranked.shape) * chances).sum(axis=1))


def chance_of_rank(n: int, k: int) -> Floats:
    """Return the chance of each rank, from the lowest, to hold the best of k of n samples."""
    j = np.arange(1, n + 1)
    possible = j >= k
    logs = np.full(n, -np.inf)
    logs[possible] = log_choose(j[possible] - 1, k - 1) - log_choose(np.array([n]), k)
    return np.exp(logs)


def log_choose(n: NDArray[np.int64], k: int) -> Floats:
    from scipy.special import gammaln

    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
