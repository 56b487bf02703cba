"""Says whether a loss is shown to lie below a tolerance, and what would show it if it cannot be told."""

import math
from dataclasses import dataclass

from eval.metrics.planning import errors_one_sided, problems_that_show, times_as_many
from records.comparisons import Paired

WITHIN, EXCEEDS, CANNOT_TELL, NOT_COMPUTED = "within", "exceeds", "cannot_tell", "not_computed"

MOST_TIMES = 100
"""Times as many samples beyond which only more problems are worth naming."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A loss beside a tolerance. Made by `find`; read by the verdict on quantization and the gate."""

    outcome: str
    """WITHIN if the loss is shown to be smaller, EXCEEDS if it is shown to be larger."""
    needs: str = ""
    """What would tell, or why nothing was computed."""


def find(pair: Paired, points: float, confidence: float) -> Finding:
    """Compare the loss, which is minus the change, with `points` percentage points. `confidence` is that of the pair's
    one-sided bounds; a loss is below the tolerance if its upper bound is, and not if that is equal."""
    if pair.at_least is None or pair.at_most is None:
        return Finding(NOT_COMPUTED, pair.change.why)
    if -pair.at_least < points / 100:
        return Finding(WITHIN)
    if -pair.at_most > points / 100:
        return Finding(EXCEEDS)
    return Finding(CANNOT_TELL, what_would_tell(pair, points, confidence))


def what_would_tell(pair: Paired, points: float, confidence: float) -> str:
    """Return how many more samples, or else problems, would show with a power of 80 % on which side of the tolerance
    the loss lies, if it stays what it is. A gain counts as no loss: it may be luck."""
    assert pair.change.value is not None, "what was not computed has no loss"
    assert pair.error is not None, "what was not computed has no error"
    size = abs(points / 100 - max(0.0, -pair.change.value))
    if size < 1e-9:
        return "no number of samples would tell: the loss seen is the tolerance itself"
    variance, errors = pair.error**2 * pair.n_problems, errors_one_sided(confidence)
    problems = max(1, problems_that_show(size, variance, errors) - pair.n_problems)
    if pair.within is None:
        return f"{problems:,} more problems would tell; a single sample each does not say what more samples would"
    times = times_as_many(size, variance, pair.within, pair.n_problems, errors)
    if times is None or times > MOST_TIMES:
        told = f"{MOST_TIMES} times as many samples of these {pair.n_problems:,} would not"
        return f"{problems:,} more problems would tell; {told}"
    samples = max(1, math.ceil(pair.n_samples * (times - 1)))
    return f"{samples:,} more samples of each model, or {problems:,} more problems, would tell"


def loss(pair: Paired) -> str:
    """Format a shown loss with its interval, such as `3.20 [1.10, 5.30]`."""
    value, low, high = (100 * (bound or 0) for bound in (pair.change.value, pair.change.low, pair.change.high))
    return f"{-value:.2f} [{-high:.2f}, {-low:.2f}] points".replace("-", "−")
