"""Computes 95 % intervals of means over problems. None has a width of zero.

Samples of one problem are not independent, so problems are the unit: an interval says what another set of problems of
the same kind could give (Miller 2024, arXiv 2411.00640; Hochlehnert et al. 2025, arXiv 2504.07086). The percentile
bootstrap over 30 problems covers the truth in 73 % of the cases where it says 95; what these cover is measured by
`bench/coverage.py`.
"""

import numpy as np

from eval.metrics.beta_binomial import Floats, Function, Posterior, posterior

CONFIDENCE = 0.95
TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
MOST_VALUES = 200
"""Different values that are taken as they are."""
ROUNDING_VARIANCE = 1 / 12
"""Variance of what rounding to whole tokens hides: lengths that are all equal are still known only to this."""

Interval = tuple[float, float]


def wilson(right: int, n: int) -> Interval:
    """Return Wilson's score interval for `right` of n (Wilson 1927)."""
    from scipy import stats  # slow: about a second

    found = stats.binomtest(right, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def rate_interval(right: Floats, samples: Floats) -> Interval:
    """Return the interval of the mean rate, for problems with `right` of `samples` each.

    With one sample per problem it is Wilson's, and likewise if the samples of every problem agree, some right and some
    wrong, so that repeating them has added nothing. Otherwise it is the equal-tailed posterior interval of the
    beta-binomial model, made at least as wide as the clustered t interval, for problems that no Beta distribution
    describes (half of them nearly always right, the others nearly never, say).
    """
    rates = right / samples
    if (samples == 1).all() or set(rates.tolist()) == {0.0, 1.0}:
        return wilson(int(rates.sum()), len(rates))
    return inside(posterior(right, samples).mean_quantiles(*TAILS), rates)


def value_interval(values: Floats, samples: Floats) -> Interval:
    """Return the interval of the mean of values between 0 and 1, one per problem, estimated from `samples` samples."""
    if np.isin(values, (0.0, 1.0)).all():
        return wilson(int(values.sum()), len(values))
    # Each different value costs a pass over the grid; among many, a hundredth is lost in the mean.
    near = values if len(np.unique(values)) <= MOST_VALUES else values.round(2)
    return inside(posterior(near * samples, samples).mean_quantiles(*TAILS), values)


def function_interval(found: Posterior, function: Function, values: Floats) -> Interval:
    """Return the interval of the mean of `values`, which estimate a function of each problem's accuracy."""
    if np.isin(values, (0.0, 1.0)).all():
        return wilson(int(values.sum()), len(values))
    return inside(found.quantiles(function, *TAILS), values)


def inside(bounds: list[float], values: Floats) -> Interval:
    """Return the model's bounds, widened until they are as far apart as the clustered t interval's and contain the mean
    of `values`. A bound is exactly 0 or 1 if all values are."""
    low, high = bounds
    mean, half = float(values.mean()), t_half_width(values)
    middle = (low + high) / 2
    scale = max(1.0, 2 * half / (high - low))
    low, high = middle - scale * (middle - low), middle + scale * (high - middle)
    if not low <= mean <= high:
        low, high = min(low, mean - half), max(high, mean + half)
    return (0.0 if mean == 0 else max(0.0, low)), (1.0 if mean == 1 else min(1.0, high))


def t_half_width(values: Floats) -> float:
    """Return half the width of the t interval of the mean of one value per problem; 0 for a single problem."""
    from scipy import stats  # slow: about a second

    n = len(values)
    return float(stats.t.ppf(TAILS[1], n - 1) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0


def ratio_interval(sums: Floats, samples: Floats) -> Interval:
    """Return the interval of a mean over samples (tokens), from each problem's sum and number of samples, of at least
    two problems: the linearised ratio estimator, clustered by problem (Cochran 1977, Sampling Techniques, 6.4)."""
    from scipy import stats  # slow: about a second

    n = len(sums)
    mean = sums.sum() / samples.sum()
    residuals = sums - mean * samples
    variance = n / (n - 1) * (residuals**2).sum() / samples.sum() ** 2
    error = np.sqrt(max(variance, ROUNDING_VARIANCE / samples.sum()))
    half = float(stats.t.ppf(TAILS[1], n - 1) * error)
    return float(mean - half), float(mean + half)
