"""What an experiment of this size could show: the smallest visible difference, and the size that shows one point.

A difference is shown with a power of 80 % at a two-sided level of 5 % if it is 2.80 standard errors: the sum of the
normal quantiles of 0.975 and 0.8 (Miller 2024, arXiv 2411.00640, section 5).
"""

import math

from scipy import stats

LEVEL, POWER = 0.05, 0.8
ERRORS = float(stats.norm.ppf(1 - LEVEL / 2) + stats.norm.ppf(POWER))
"""Standard errors in the smallest difference that is shown."""
POINT = 0.01


def smallest_difference(variance: float, n_problems: int) -> float:
    """Return the smallest difference that is shown, given the variance of one problem's difference."""
    return ERRORS * math.sqrt(variance / n_problems)


def problems_for_a_point(variance: float) -> int:
    """Return the number of problems that shows a difference of one percentage point."""
    return math.ceil(variance * (ERRORS / POINT) ** 2)


def samples_for_a_point(variance: float, within: float, n: int, n_problems: int) -> int | None:
    """Return the number of samples per problem that shows one point on as many problems; None if none does, because
    the problems' own differences vary too much.

    `variance` is that of one problem's difference at n samples, and `within` the part of it that sampling makes, which
    shrinks as 1/n.
    """
    allowed = n_problems * (POINT / ERRORS) ** 2 - max(0.0, variance - within)
    if variance <= n_problems * (POINT / ERRORS) ** 2:
        return n
    return math.ceil(n * within / allowed) if allowed > 0 else None
