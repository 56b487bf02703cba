"""How far a scorer can be trusted: the share of right samples at each score, and how well scores tell right from
wrong.

On samples with a right answer every step that a scorer of steps flags is either a false alarm or a mistake that did not
matter, so their share is told apart.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from eval.metrics.auc import auc_over_all, auc_within
from eval.metrics.estimate import Estimate, mean_of, not_computed
from eval.metrics.intervals import rate_interval
from eval.metrics.samples import RIGHT, UNKNOWN, WRONG, Samples
from eval.scaling.curve import Curve, Point, point_of
from eval.scaling.scored import ScoredSamples

BINS = 10
"""Bins of equal width between 0 and 1 (Guo et al. 2017, arXiv 1706.04599)."""
FLAG = 0.5
"""A step with a lower score is flagged."""
FLAGGED_RIGHT, FLAGGED_WRONG = "flagged among right answers", "flagged among wrong answers"


def calibration_curve(scored: ScoredSamples, scorer: str) -> Curve:
    """Return the share of right samples by score, from bins that hold any, with areas under the ROC curve and, of a
    scorer of steps, shares of flagged samples as facts. Samples without a score or a verdict are left out."""
    told = with_both(scored)
    facts = (
        [auc_over_all(told), auc_within(told)] if len(told.verdicts) else [not_computed("AUC", "nothing has a score")]
    )
    if not np.isnan(scored.lowest).all():
        facts += [flagged(scored, RIGHT, FLAGGED_RIGHT), flagged(scored, WRONG, FLAGGED_WRONG)]
    points = list(reliability(told)) if len(told.verdicts) else []
    return Curve(
        chart="calibration", name="share of right answers", x="score", points=points, facts=facts, scorer=scorer
    )


def with_both(scored: ScoredSamples) -> Samples:
    """Return the samples that have a score and a verdict."""
    return subset(scored.samples, scored.has_score & (scored.samples.verdicts != UNKNOWN))


def subset(samples: Samples, kept: NDArray[np.bool_]) -> Samples:
    """Return verdicts and scores of some samples; problems without any stay out."""
    sizes = samples.sums(kept).astype(np.int64)
    there = sizes > 0
    assert samples.scores is not None, "the caller has scores"
    return Samples(
        problems=[name for name, has in zip(samples.problems, there, strict=True) if has],
        starts=np.concatenate([[0], np.cumsum(sizes[there])]),
        verdicts=samples.verdicts[kept],
        scores=samples.scores[kept],
    )


def reliability(samples: Samples) -> Iterator[Point]:
    """Yield mean score and share of right samples of each bin, every problem with samples in it counted alike."""
    assert samples.scores is not None, "the caller has scores"
    bins = np.clip((samples.scores * BINS).astype(np.int64), 0, BINS - 1)
    for number in np.unique(bins).tolist():
        part = subset(samples, bins == number)
        assert part.scores is not None, "taken with scores"
        right, decided = part.counts()
        estimate = mean_of("", right / decided, rate_interval(right, decided), decided.sum())
        mean = float((part.sums(part.scores) / decided).mean())
        yield point_of(mean, f"{number / BINS:g} to {(number + 1) / BINS:g}", estimate)


def flagged(scored: ScoredSamples, verdict: int, metric: str) -> Estimate:
    """Return the share of the samples with this verdict, and with a score, that have a flagged step."""
    samples = scored.samples
    there = (samples.verdicts == verdict) & ~np.isnan(scored.lowest)
    counts, sums = samples.sums(there), samples.sums(there & (scored.lowest < FLAG))
    kept = counts > 0
    if not kept.any():
        return not_computed(metric, "there are none with a score")
    return mean_of(metric, sums[kept] / counts[kept], rate_interval(sums[kept], counts[kept]), counts.sum())
