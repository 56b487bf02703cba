"""Which problems get how many samples, for a fixed total: by difficulty, against the same number for all.

After Snell et al. 2024 (arXiv 2408.03314, section 3.2): problems are put into bands of difficulty, and each band gets
the number of samples with which all bands together do best. Half of every problem's samples say its band, the other
half measures what its allocation is worth. What k samples are worth in a band is learned from the other half of the
problems (their two-fold cross-validation), so no problem's own measured samples decide for it. Learning it from the
samples that gave the bands instead would make problems that were never solved look hopeless, and lose to the even
allocation. The oracle sees the measured samples themselves and gives each problem its own number; no allocation is
better, and it cannot be had.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats
from eval.metrics.differences import paired_difference
from eval.metrics.estimate import Estimate
from eval.metrics.groups import ENOUGH_FOR_BANDS, bands
from eval.metrics.samples import UNKNOWN, Classes, Samples
from eval.metrics.statistics import default_ks, values_at
from eval.scaling.by_samples import SAMPLES
from eval.scaling.choices import best_choices, best_of_all
from eval.scaling.curve import Curve, point_of_values
from eval.scaling.halves import halves

EVEN, OPTIMAL = "even", "compute-optimal"
ORACLE = "oracle: knows what every problem's samples are worth"


@dataclass(frozen=True)
class Worth:
    """What k samples of each problem are worth, measured on one half of its samples."""

    ks: list[int]
    values: Floats
    """[problems, ks]; NaN where a chosen answer has no verdict."""
    bands: list[str]
    """The difficulty of every problem."""


def allocation_curves(samples: Samples, equivalent: Classes | None) -> list[Curve]:
    """Return the even, the compute-optimal and the oracle's curve over samples per problem; none if a problem has fewer
    than ENOUGH_FOR_BANDS decided samples in either half, or no chosen answer has a verdict."""
    if samples.sizes.min() < 2 * ENOUGH_FOR_BANDS:
        return []
    banding, measuring = halves(samples)
    if min(decided_samples(half) for half in (banding, measuring)) < ENOUGH_FOR_BANDS:
        return []
    measures = worth(measuring, default_ks(measuring), equivalent)
    kept = np.asarray(~np.isnan(measures.values).any(axis=1))
    if not kept.any():
        return []
    ks, sizes = measures.ks, measuring.sizes[kept].astype(np.float64)
    measures = part(replace(measures, bands=bands(banding)), kept)
    even = {k: np.full(len(sizes), k) for k in ks}
    optimal = cross_fitted(measures)
    best = {k: best_of_all(ks, measures.values, k * len(sizes)) for k in ks}
    gains = [gain(k, picked(measures, optimal[k]) - picked(measures, even[k]), int(sizes.sum())) for k in ks[1:]]
    found = {
        EVEN: {k: (even[k], picked(measures, even[k])) for k in ks},
        OPTIMAL: {k: (optimal[k], picked(measures, optimal[k])) for k in ks},
        ORACLE: best,
    }
    return [
        Curve(
            chart="allocation",
            name=name,
            x=SAMPLES,
            points=[point_of_values(numbers.mean(), str(k), values, sizes) for k, (numbers, values) in by_k.items()],
            facts=gains if name == OPTIMAL else [],
        )
        for name, by_k in found.items()
    ]


def decided_samples(samples: Samples) -> int:
    """Return the smallest number of decided samples of a problem."""
    return int(samples.sums(samples.verdicts != UNKNOWN).min())


def worth(samples: Samples, ks: list[int], equivalent: Classes | None) -> Worth:
    """Compute what k samples are worth: best-of-k if there are scores, a majority if there are answers, else pass@k."""
    right, decided = samples.counts()
    values = np.full((len(samples.problems), len(ks)), np.nan)
    values[:, 0] = right / decided
    family = "best_of" if samples.scores is not None else "maj" if samples.answers is not None else "pass"
    found = {one.metric: one for one in values_at(samples, ks, equivalent)}
    for at, k in enumerate(ks[1:], start=1):
        one = found[f"{family}@{k}"]
        values[one.problems, at] = one.values
    return Worth(ks, values, bands(samples))


def part(one: Worth, kept: NDArray[np.bool_]) -> Worth:
    return Worth(one.ks, one.values[kept], [band for band, keeps in zip(one.bands, kept, strict=True) if keeps])


def cross_fitted(measures: Worth) -> dict[int, NDArray[np.int64]]:
    """Return each problem's number of samples, for totals of k samples per problem: every second problem's is decided
    by what samples are worth to the others."""
    fold = np.arange(len(measures.bands)) % 2 == 1
    found = {k: np.zeros(len(fold), dtype=np.int64) for k in measures.ks}
    for ours in (fold, ~fold):
        learned_from, asked = part(measures, ~ours), part(measures, ours)
        if not (learned_from.bands and asked.bands):
            return {k: np.full(len(fold), k) for k in measures.ks}
        for k, numbers in allocations(learned_from, asked.bands).items():
            found[k][ours] = numbers
    return found


def allocations(learned_from: Worth, wanted: list[str]) -> dict[int, NDArray[np.int64]]:
    """Return the number of samples of problems in the bands `wanted`, for totals of k samples per problem. A band that
    `learned_from` does not have is taken for the mean of all."""
    ks, values = learned_from.ks, learned_from.values
    names = sorted(set(wanted))
    place = np.array([names.index(band) for band in wanted])
    sizes = [wanted.count(name) for name in names]
    there = [np.array([band == name for band in learned_from.bands]) for name in names]
    means = [values[rows if rows.any() else ...].mean(axis=0) for rows in there]
    front = best_choices(ks, sizes, [size * mean for size, mean in zip(sizes, means, strict=True)])
    found = {}
    for k in ks:
        affordable = [choice for choice in front if choice.cost <= k * len(place)]
        chosen = max(affordable, key=lambda choice: (choice.value, -choice.cost))
        found[k] = np.array([ks[at] for at in chosen.ks])[place]
    return found


def picked(measures: Worth, numbers: NDArray[np.int64]) -> Floats:
    """Return each problem's value at its number of samples."""
    return measures.values[np.arange(len(numbers)), np.searchsorted(measures.ks, numbers)]


def gain(k: int, differences: Floats, n_samples: int) -> Estimate:
    found = paired_difference(differences, single=False)
    metric = f"{OPTIMAL} minus {EVEN} at {k} samples per problem"
    return Estimate(metric, found.value, *found.interval, found.n_problems, n_samples, found.p)
