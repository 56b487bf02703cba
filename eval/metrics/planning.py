"""What an experiment of this size could show: the smallest visible difference, and the size that shows a given one.

A difference is shown with a power of 80 % at a two-sided level of 5 % if it is 2.80 standard errors: the sum of the
normal quantiles of 0.975 and 0.8 (Miller 2024, arXiv 2411.00640, section 5).
"""

import math
from statistics import NormalDist

LEVEL, POWER = 0.05, 0.8
QUANTILE = NormalDist().inv_cdf
ERRORS = QUANTILE(1 - LEVEL / 2) + QUANTILE(POWER)
"""Standard errors in the smallest difference that is shown."""
POINT = 0.01


def errors_one_sided(confidence: float) -> float:
    """Return the standard errors between a loss and a tolerance with which the loss is shown to lie on its side of it,
    at a one-sided confidence and with the same power."""
    return QUANTILE(confidence) + QUANTILE(POWER)


def smallest_difference(variance: float, n_problems: int) -> float:
    """Return the smallest difference that is shown, given the variance of one problem's difference."""
    return ERRORS * math.sqrt(variance / n_problems)


def problems_for_a_point(variance: float) -> int:
    """Return the number of problems that shows a difference of one percentage point."""
    return problems_that_show(POINT, variance)


def problems_that_show(size: float, variance: float, errors: float = ERRORS) -> int:
    """Return the number of problems on which `size` is at least `errors` standard errors, given the variance of one
    problem's difference."""
    return math.ceil(variance * (errors / size) ** 2)


def times_as_many(size: float, variance: float, within: float, n_problems: int, errors: float = ERRORS) -> float | None:
    """Return how many times as many samples of each problem make `size` at least `errors` standard errors on as many
    problems: 1 if these do already, None if no number does, because the problems' own differences vary too much.

    `variance` is that of one problem's difference, and `within` the part of it that sampling makes, which shrinks as
    the samples grow.
    """
    allowed = n_problems * (size / errors) ** 2
    if variance <= allowed:
        return 1.0
    left = allowed - max(0.0, variance - within)
    return within / left if left > 0 else None


def samples_for_a_point(variance: float, within: float, n: int, n_problems: int) -> int | None:
    """Return the number of samples per problem, of which there are n, that shows one point on as many problems; None
    if none does."""
    times = times_as_many(POINT, variance, within, n_problems)
    return None if times is None else math.ceil(n * times)
