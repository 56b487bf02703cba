"""Fits accuracy = a + b log2(tokens) to the points of a curve, with an interval of b that is clustered by problem.

All points come from the same problems, so their errors go together: a regression's own standard error would be wrong.
The slope is a smooth function of the accuracies and mean tokens at every budget, which are means over problems. Its
first derivatives give each problem's influence (the delta method; van der Vaart 1998, Asymptotic Statistics, chapter
3), and the mean of the influences gets the interval of a mean paired difference: it is at most 1 in size once divided
by the largest slope that a single problem can have.
"""

import numpy as np

from eval.metrics.beta_binomial import Floats
from eval.metrics.differences import paired_difference
from eval.metrics.estimate import Estimate, not_computed

SLOPE, INTERCEPT = "slope per doubling", "intercept"
FEWEST_TOKENS = 1.0
"""Mean tokens of a budget below which there is no thinking to take a logarithm of."""


def log_linear(rates: Floats, tokens: Floats, n_samples: int) -> list[Estimate]:
    """Return slope and intercept of the least-squares line through the budgets' means. `rates` and `tokens` are the
    accuracy and mean tokens of every problem at every budget, [problems, budgets]; the budgets weigh alike."""
    means = tokens.mean(axis=0)
    if (means < FEWEST_TOKENS).any():
        return [not_computed(SLOPE, "at one budget there is no thinking")]
    x, y = np.log2(means), rates.mean(axis=0)
    centred = x - x.mean()
    squares = float((centred**2).sum())
    if len(x) < 2 or squares < 1e-9:
        return [not_computed(SLOPE, "it takes two budgets that lead to different numbers of tokens")]
    weights = centred / squares
    slope = float(weights @ y)
    by_token = ((y - y.mean()) - 2 * slope * centred) / squares / (means * np.log(2))
    influence = (rates - y) @ weights + (tokens - means) @ by_token
    largest = float(np.abs(weights).sum()) / 2
    found = paired_difference((slope + influence) / largest, single=False)
    low, high = (largest * bound for bound in found.interval)
    n = len(rates)
    return [
        Estimate(SLOPE, slope, low, high, n, n_samples, found.p),
        Estimate(INTERCEPT, float(y.mean() - slope * x.mean()), n_problems=n, n_samples=n_samples),
    ]
