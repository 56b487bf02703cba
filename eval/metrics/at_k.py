"""Computes pass@k and G-Pass@k without bias from n samples of each problem, and their intervals.

pass@k is the chance that at least one of k samples is right (Chen et al. 2021, arXiv 2107.03374); G-Pass@k at a
threshold t the chance that at least t x k of them are (Liu et al. 2024, arXiv 2412.13147). Both are expectations over
all subsets of k of the n samples. `1 - (1 - c/n)^k` would be biased.
"""

import math
from functools import partial

import numpy as np

from eval.metrics.beta_binomial import Floats, Posterior
from eval.metrics.intervals import Interval, function_interval


def needed(threshold: float, k: int) -> int:
    """Return how many of k samples must be right for G-Pass@k: at least one, whatever the threshold."""
    return max(1, math.ceil(round(threshold * k, 9)))


def at_least(needed: int, k: int, right: Floats, samples: Floats) -> Floats:
    """Return for each problem the chance that at least `needed` of k samples, drawn without replacement, are right."""
    from scipy import stats  # slow: about a second

    # scipy goes through the elements one by one, and many problems have the same counts.
    pairs, place = np.unique(np.stack([right, samples]), axis=1, return_inverse=True)
    chances = stats.hypergeom.sf(needed - 1, pairs[1], pairs[0], k)
    return np.asarray(np.clip(chances, 0, 1)[place.ravel()], dtype=np.float64)


def expected_at_least(needed: int, k: int, a: Floats, b: Floats) -> Floats:
    """Return the same chance for k samples of a problem whose accuracy is drawn from Beta(a, b)."""
    from scipy.special import betaln, gammaln

    if needed == 1:
        return np.asarray(-np.expm1(betaln(a, b + k) - betaln(a, b)))
    hits = range(needed, k + 1) if needed > k // 2 else range(needed)
    ways = {j: gammaln(k + 1) - gammaln(j + 1) - gammaln(k - j + 1) for j in hits}
    total = sum(np.exp(ways[j] + betaln(a + j, b + k - j) - betaln(a, b)) for j in hits)
    return np.asarray(total if needed > k // 2 else 1 - total)


def chance_interval(found: Posterior, needed: int, k: int, values: Floats) -> Interval:
    """Return the interval of the mean of `at_least`, given the posterior of the same counts."""
    return function_interval(found, partial(expected_at_least, needed, k), values)
