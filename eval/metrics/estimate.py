"""One computed number with its interval, or the reason why it was not computed."""

from dataclasses import dataclass

from eval.metrics.beta_binomial import Floats
from eval.metrics.intervals import Interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number. Made by metrics; read by the report and by `retort score`, which writes it as a row of JSON."""

    metric: str
    value: float | None
    """None if it was not computed; `why` says so."""
    low: float | None = None
    """Bounds of the 95 % interval; None for counts and for sizes that are planned with."""
    high: float | None = None
    n_problems: int = 0
    n_samples: int = 0
    p: float | None = None
    """Two-sided p-value of a difference: how often chance alone gives one as large."""
    why: str = ""


def estimated(metric: str, value: float, interval: Interval, n_problems: int, n_samples: float) -> Estimate:
    return Estimate(metric, float(value), *interval, n_problems, int(n_samples))


def mean_of(metric: str, values: Floats, interval: Interval, n_samples: float) -> Estimate:
    """Return the mean of one value per problem."""
    return estimated(metric, float(values.mean()), interval, len(values), n_samples)


def not_computed(metric: str, reason: str) -> Estimate:
    return Estimate(metric, None, why=f"not computed: {reason}")
