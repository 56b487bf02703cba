"""Intervals and p-values of paired differences: two variants on the same problems, one difference per problem.

With one sample per problem the p-value is McNemar's exact one (a binomial test of the problems on which only one side
is right), and the interval that of Bonett and Price (2012, Statistical Methods in Medical Research 21), which counts
one more problem each way; Fagerland, Lydersen and Laake (2013, BMC Medical Research Methodology 13) recommend both. The
exact p-value is a little conservative, so the two can disagree next to 5 %.

With several samples the same two problems are added, as large as the differences that were seen: a clustered standard
error (Miller 2024, arXiv 2411.00640) that never says zero, whatever did not differ.
"""

from dataclasses import dataclass

import numpy as np

from eval.metrics.beta_binomial import Floats
from eval.metrics.intervals import TAILS, Interval

UNSEEN = 0.5
"""Weight, in problems, of a whole flip among the differences that were seen. With nothing but ties the two added
problems are whole flips; with many differences they are as large as these."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean paired difference."""

    value: float
    interval: Interval
    p: float
    error: float
    """Standard error of the mean."""
    variance: float
    """Variance of one problem's difference, for planning: of those seen, and at least that of the two added problems
    alone."""
    n_problems: int


def paired_difference(differences: Floats, *, single: bool) -> Difference:
    """Return the mean of one difference per problem, each between -1 and 1. `single` says that each is of one sample
    on either side, -1, 0 or 1."""
    from scipy import stats  # slow: about a second

    n = len(differences)
    squares = float((differences**2).sum())
    seen = int((differences != 0).sum())
    size = (UNSEEN + squares) / (UNSEEN + seen)
    centre = float(differences.sum()) / (n + 2)
    error = float(np.sqrt(((squares + 2 * size) / (n + 2) - centre**2) / (n + 2)))
    if single:
        p = mcnemar(int((differences < 0).sum()), int((differences > 0).sum()))
        half = float(stats.norm.ppf(TAILS[1])) * error
    else:
        p = float(2 * stats.t.sf(abs(centre) / error, n + 1))
        half = float(stats.t.ppf(TAILS[1], n + 1)) * error
    return Difference(
        value=float(differences.mean()),
        interval=(max(-1.0, centre - half), min(1.0, centre + half)),
        p=p,
        error=error,
        variance=max(float(differences.var()), 2 * size / (n + 2)),
        n_problems=n,
    )


def mcnemar(lost: int, gained: int) -> float:
    """Return the exact two-sided p-value of McNemar's test (McNemar 1947; a sign test of the flips); 1 without any."""
    from scipy import stats  # slow: about a second

    return float(stats.binomtest(lost, lost + gained).pvalue) if lost + gained else 1.0


def mean_difference(differences: Floats) -> tuple[Interval, float]:
    """Return the interval and p-value of a mean difference without bounds, such as of tokens, for two problems or more:
    Student's t, with at least the variance of rounding to whole tokens."""
    from scipy import stats  # slow: about a second

    n = len(differences)
    error = float(np.sqrt(max(differences.var(ddof=1), 1 / 12) / n))
    mean = float(differences.mean())
    half = float(stats.t.ppf(TAILS[1], n - 1) * error)
    return (mean - half, mean + half), float(2 * stats.t.sf(abs(mean) / error, n - 1))
