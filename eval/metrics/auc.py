"""How well a score tells right samples from wrong ones: the area under the ROC curve, over all samples and within
problems.

The area is the chance that a right sample has a higher score than a wrong one; equal scores count half. Over all
samples it also rewards a scorer that only sees which problems are easy. Within problems it does not: it is what
choosing among the samples of one problem depends on.
"""

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats
from eval.metrics.estimate import Estimate, estimated, mean_of, not_computed
from eval.metrics.intervals import TAILS, value_interval
from eval.metrics.samples import RIGHT, WRONG, Samples

OVERALL, WITHIN = "AUC over all samples", "AUC within problems"


def auc_over_all(samples: Samples) -> Estimate:
    """Return the area over all pairs of a right and a wrong sample, with a t interval clustered by problem (Obuchowski
    1997, Biometrics 53), as wide at least as for one more pair of problems that a coin decides."""
    from scipy import stats  # slow: about a second

    assert samples.scores is not None, "the caller has scores"
    right, wrong = samples.verdicts == RIGHT, samples.verdicts == WRONG
    n_right, n_wrong = int(right.sum()), int(wrong.sum())
    if not n_right or not n_wrong:
        return not_computed(OVERALL, "it needs right and wrong samples")
    beats, beaten = placements(samples.scores, right, wrong)
    area = float(beats.mean())
    sums = samples.sums(scattered(right, beats - area)), samples.sums(scattered(wrong, beaten - area))
    residuals = sums[0] / n_right + sums[1] / n_wrong
    n = int(((samples.sums(right) + samples.sums(wrong)) > 0).sum())
    if n < 2:
        return Estimate(OVERALL, area, n_problems=n, n_samples=n_right + n_wrong, why="no interval: a single problem")
    variance = max(n / (n - 1) * float((residuals**2).sum()), 1 / (4 * (n + 1) ** 2))
    half = float(stats.t.ppf(TAILS[1], n - 1) * np.sqrt(variance))
    return estimated(OVERALL, area, (max(0.0, area - half), min(1.0, area + half)), n, n_right + n_wrong)


def placements(scores: Floats, right: NDArray[np.bool_], wrong: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return for each right sample the share of wrong ones that it beats, and for each wrong one the share of right
    ones by which it is beaten; ties count half."""
    ours, theirs = scores[right], scores[wrong]
    return share_below(ours, theirs), 1 - share_below(theirs, ours)


def share_below(values: Floats, others: Floats) -> Floats:
    ordered = np.sort(others)
    below, not_above = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return np.asarray((below + not_above) / 2 / len(others))


def scattered(places: NDArray[np.bool_], values: Floats) -> Floats:
    """Return a column with the values where `places` is true, and 0 elsewhere."""
    column = np.zeros(len(places))
    column[places] = values
    return column


def auc_within(samples: Samples) -> Estimate:
    """Return the mean area of the problems that have right and wrong samples, with an interval over problems."""
    assert samples.scores is not None, "the caller has scores"
    values, sizes = list[float](), list[int]()
    for start, end in zip(samples.starts[:-1], samples.starts[1:], strict=True):
        verdicts, scores = samples.verdicts[start:end], samples.scores[start:end]
        right, wrong = verdicts == RIGHT, verdicts == WRONG
        if right.any() and wrong.any():
            values.append(float(placements(scores, right, wrong)[0].mean()))
            sizes.append(int(right.sum() + wrong.sum()))
    if not values:
        return not_computed(WITHIN, "no problem has right and wrong samples")
    column, counts = np.array(values), np.array(sizes, dtype=np.float64)
    return mean_of(WITHIN, column, value_interval(column, counts), counts.sum())
