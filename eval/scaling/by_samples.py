"""What k samples of each problem are worth, for k from 1 to all n, from one run with n samples.

Every figure averages over the subsets of k of the n samples without bias: pass@k exactly (an oracle that knows the
right answer picks it), best-of-k exactly (a stored score picks), majorities over seeded shuffles (`eval.metrics`).
"""

from collections.abc import Iterator

from eval.metrics.samples import Classes, Samples
from eval.metrics.statistics import accuracy_of, default_ks, values_at
from eval.scaling.curve import Curve, Point, point_of

FAMILIES = ("pass@k", "maj@k", "best_of@k")
TOKENS, SAMPLES = "tokens per problem", "samples per problem"


def sample_curves(samples: Samples, equivalent: Classes | None) -> list[Curve]:
    """Return a curve for each family that the samples allow: majorities need answers, best-of-k needs scores. There are
    none if a problem has a single sample. x is k times the mean tokens of a sample, or k if tokens were not recorded.
    """
    ks = default_ks(samples)
    if len(ks) < 2:
        return []
    first = accuracy_of(samples, "avg@1")
    found = {one.metric: one.estimate for one in values_at(samples, ks, equivalent)}
    each = mean_tokens(samples)
    unit = SAMPLES if each is None else TOKENS

    def points(family: str) -> Iterator[Point]:
        for k in ks:
            estimate = first if k == 1 else found[family.replace("@k", f"@{k}")]
            yield point_of(k * (each or 1.0), str(k), estimate)

    there = [family for family in FAMILIES if family.replace("@k", f"@{ks[-1]}") in found]
    return [Curve(chart="samples", name=family, x=unit, points=list(points(family))) for family in there]


def mean_tokens(samples: Samples) -> float | None:
    """Return the mean over problems of the mean tokens of a sample; None if tokens were not recorded."""
    return None if samples.tokens is None else float((samples.sums(samples.tokens) / samples.sizes).mean())
