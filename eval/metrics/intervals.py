"""Computes 95 % intervals.

Accuracy over single samples gets Wilson's interval. Means and paired differences get a percentile bootstrap over
problems, because the samples of one problem are not independent (arXiv 2504.07086; open-r1 PR#665).
"""

import numpy as np
from scipy import stats

RESAMPLES = 2000


def wilson(values: list[float]) -> tuple[float, float]:
    """Return low and high for the mean of values that are 0 or 1."""
    interval = stats.binomtest(int(sum(values)), len(values)).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap(values: list[float]) -> tuple[float, float]:
    """Return low and high for the mean of one value per problem; both are the value itself if all values are equal."""
    if len(set(values)) == 1:
        return values[0], values[0]
    sample = (np.asarray(values),)
    result = stats.bootstrap(sample, np.mean, method="percentile", n_resamples=RESAMPLES, rng=np.random.default_rng(0))
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
