"""What a scorer that chooses among k samples of each problem is worth, beside their majority.

Best-of-k takes the sample with the highest score. The weighted majority sums the scores of equivalent answers (Li et
al. 2022, arXiv 2206.02336). All three choose among the same samples, so a difference between them is paired and at
equal sampled tokens; what the scorer reads comes on top, and is told.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from eval.metrics.comparison import difference_at
from eval.metrics.estimate import Estimate
from eval.metrics.samples import Classes
from eval.metrics.statistics import AtK, accuracy_of, best_at, default_ks, majorities_at
from eval.scaling.by_samples import SAMPLES, TOKENS, mean_tokens
from eval.scaling.curve import Curve, point_of
from eval.scaling.scored import ScoredSamples

READ = "tokens that the scorer reads for each sample"
MAJORITY, BEST, WEIGHTED = "majority", "best-of-k", "weighted majority"


def rerank_curves(scored: ScoredSamples, scorer: str, equivalent: Classes | None) -> list[Curve]:
    """Return a curve for the majority, for best-of-k and for the weighted majority; the last has the differences to
    the majority as its facts. There are none if a problem has a single sample, or answers that are programs."""
    samples = scored.samples
    ks = [k for k in default_ks(samples) if k > 1]
    if not ks or samples.answers is None or samples.scores is None:
        return []
    weights = np.where(scored.has_score, samples.scores, 0.0)
    plain = majorities_at(samples, ks, equivalent)
    best = [best_at(samples, k) for k in ks]
    weighted = majorities_at(samples, ks, equivalent, weights, "weighted")
    each, first = mean_tokens(samples), accuracy_of(samples, "avg@1")

    def curve(name: str, found: Sequence[AtK], facts: list[Estimate]) -> Curve:
        points = [point_of(k * (each or 1.0), str(k), one) for k, one in zip([1, *ks], estimates(found), strict=True)]
        unit = SAMPLES if each is None else TOKENS
        return Curve(chart="rerank", name=name, x=unit, points=points, facts=facts, scorer=scorer)

    def estimates(found: Sequence[AtK]) -> list[Estimate]:
        return [first, *(one.estimate for one in found)]

    return [
        curve(MAJORITY, plain, []),
        curve(BEST, best, list(differences(BEST, ks, best, plain))),
        curve(WEIGHTED, weighted, [*differences(WEIGHTED, ks, weighted, plain), tokens_read(scored)]),
    ]


def differences(name: str, ks: Sequence[int], ours: Sequence[AtK], majority: Sequence[AtK]) -> Iterator[Estimate]:
    for k, one, other in zip(ks, ours, majority, strict=True):
        yield difference_at(f"{name} against majority at k = {k}", one, other)


def tokens_read(scored: ScoredSamples) -> Estimate:
    samples = scored.samples
    return Estimate(READ, scored.tokens, n_problems=len(samples.problems), n_samples=len(samples.verdicts))
