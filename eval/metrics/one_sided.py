"""One-sided bounds of paired differences: what is shown of a loss, where few problems differ and all of them one way.

An interval of two sides may be too short on one if it is too long on the other, and that side would decide here: a
quantized model that only loses, on a few problems, would be called lossless twice as often as claimed. So a bound
counts one more problem that differs its way, and adds the second term of Cornish and Fisher (1938, Revue de l'Institut
International de Statistique 5) for the skewness of the gamma distribution whose quantile is the exact bound of a
Poisson count (Garwood 1936, Biometrika 28). Without any difference among n problems it is 3.2 / n at 95 %, where the
rule of three says 3 / n.
"""

import numpy as np

from eval.metrics.beta_binomial import Floats
from eval.metrics.differences import UNSEEN
from eval.metrics.intervals import Interval


def one_sided(differences: Floats, confidence: float, *, single: bool) -> Interval:
    """Return the bounds above which, and below which, the true mean lies with this confidence each, for one difference
    per problem, between -1 and 1. `single` says that each is of one sample on either side, -1, 0 or 1."""
    from scipy import stats  # slow: about a second

    n = len(differences)
    quantile = float(stats.norm.ppf(confidence) if single else stats.t.ppf(confidence, n + 1))
    return max(-1.0, lower(differences, quantile)), min(1.0, -lower(-differences, quantile))


def lower(differences: Floats, quantile: float) -> float:
    n = len(differences) + 1
    squares = float((differences**2).sum())
    seen = int((differences != 0).sum())
    square = (UNSEEN + squares) / (UNSEEN + seen)
    flip = square**0.5
    centre = float(differences.sum() - flip) / n
    variance = (squares + square) / n - centre**2
    third = max(0.0, float(flip**3 - (differences**3).sum())) / n
    skewness = (quantile**2 - 1) / 3 * third / variance / n if variance > 0 else 0.0
    return centre - quantile * float(np.sqrt(max(0.0, variance) / n)) - skewness
