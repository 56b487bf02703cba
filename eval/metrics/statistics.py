"""Computes every statistic of one table of judged samples: accuracy, what k samples are worth, rates and lengths."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.answer_classes import classes_of
from eval.metrics.at_k import at_least, chance_interval, needed
from eval.metrics.beta_binomial import Floats, posterior
from eval.metrics.estimate import Estimate, estimated, mean_of, not_computed
from eval.metrics.intervals import rate_interval, ratio_interval, value_interval
from eval.metrics.samples import RIGHT, UNKNOWN, WRONG, Classes, Samples
from eval.metrics.voting import best_of_values, majority_values

THRESHOLDS = (0.5, 0.75, 1.0)
"""Thresholds of G-Pass@k that its paper reports beside pass@k (Liu et al. 2024, arXiv 2412.13147)."""
FLAGS = ("truncated", "no_answer", "looped")


@dataclass(frozen=True, slots=True)
class AtK:
    """A metric of k samples, one value per problem. Made by `values_at`; read for intervals and paired differences."""

    metric: str
    problems: NDArray[np.int64]
    """Positions of the problems that have a value."""
    values: Floats
    estimate: Estimate


def describe(samples: Samples, at_k: list[AtK], accuracy: str = "") -> list[Estimate]:
    """Return all statistics of the samples, with what `values_at` found.

    Unknown verdicts are left out of the accuracy, neither right nor wrong; the row `unknown` has their share.
    `accuracy` names its metric, avg@n if empty.
    """
    first = accuracy_of(samples, accuracy or average_name(samples))
    return [first, *(one.estimate for one in at_k), *rates(samples), *lengths(samples)]


def average_name(samples: Samples) -> str:
    """Return avg@8 if every problem has 8 samples, avg@n if their numbers differ."""
    sizes = np.unique(samples.sizes)
    return f"avg@{sizes[0]}" if len(sizes) == 1 else "avg@n"


def default_ks(samples: Samples) -> list[int]:
    """Return the powers of two up to the smallest number of samples per problem, and that number."""
    smallest = int(samples.sizes.min())
    return sorted({2**power for power in range(smallest.bit_length())} | {smallest})


def accuracy_of(samples: Samples, metric: str) -> Estimate:
    right, decided = samples.counts()
    kept = decided > 0
    if not kept.any():
        return not_computed(metric, "every verdict is unknown")
    interval = rate_interval(right[kept], decided[kept])
    return mean_of(metric, right[kept] / decided[kept], interval, decided.sum())


def rates(samples: Samples) -> Iterator[Estimate]:
    """Yield the share of unknown verdicts, and of every fact that was recorded, over all samples."""
    flags = {"unknown": samples.verdicts == UNKNOWN} | {
        name: samples.flags[name] for name in FLAGS if name in samples.flags
    }
    sizes = samples.sizes.astype(np.float64)
    for name, column in flags.items():
        sums = samples.sums(column)
        yield mean_of(name, sums / sizes, rate_interval(sums, sizes), sizes.sum())


def lengths(samples: Samples) -> Iterator[Estimate]:
    """Yield mean tokens per sample: of all, of right and of wrong answers."""
    if samples.tokens is None:
        return
    parts = {"": np.ones(len(samples.verdicts), dtype=bool)}
    parts |= {"_right": samples.verdicts == RIGHT, "_wrong": samples.verdicts == WRONG}
    for name, column in parts.items():
        metric = f"tokens{name}"
        counts, sums = samples.sums(column), samples.sums(np.where(column, samples.tokens, 0.0))
        kept = counts > 0
        if not kept.any():
            yield not_computed(metric, f"no sample is {name[1:]}")
        elif kept.sum() == 1:
            mean = float(sums.sum() / counts.sum())
            why = "no interval: all such samples are of one problem"
            yield Estimate(metric, mean, n_problems=1, n_samples=int(counts.sum()), why=why)
        else:
            mean, interval = sums.sum() / counts.sum(), ratio_interval(sums[kept], counts[kept])
            yield estimated(metric, float(mean), interval, int(kept.sum()), counts.sum())


def values_at(samples: Samples, ks: list[int], equivalent: Classes | None) -> list[AtK]:
    """Return pass@k and G-Pass@k for each k above 1, maj@k if there are answers and best-of-k if there are scores."""
    wanted = [k for k in ks if k > 1]
    if not wanted:
        return []
    found = [one for k in wanted for one in chances_at(samples, k)]
    if samples.answers is not None:
        found += majorities_at(samples, wanted, equivalent)
    if samples.scores is not None:
        found += [best_at(samples, k) for k in wanted]
    return found


def chances_at(samples: Samples, k: int) -> list[AtK]:
    right, decided = samples.counts()
    names = {f"pass@{k}": 1} | {f"g_pass@{k}_{threshold:g}": needed(threshold, k) for threshold in THRESHOLDS}
    if (few := int((decided < k).sum())) > 0:
        reason = f"{few} problems have fewer than {k} samples with a verdict"
        return [absent(name, reason) for name in names]
    found = posterior(right, decided)
    chances = []
    for name, hits in names.items():
        values = at_least(hits, k, right, decided)
        interval = chance_interval(found, hits, k, values)
        chances.append(present(name, np.arange(len(values)), values, interval, decided.sum()))
    return chances


def majorities_at(
    samples: Samples, ks: list[int], equivalent: Classes | None, weights: Floats | None = None, name: str = "maj"
) -> list[AtK]:
    """Return maj@k for each k; with `weights`, one per sample, the weighted majority under another name."""
    classes = classes_of(samples, equivalent)
    verdicts = np.where(samples.verdicts == UNKNOWN, np.nan, samples.verdicts.astype(np.float64))
    sizes = samples.sizes.astype(np.float64)
    values = {k: np.full(len(samples.problems), np.nan) for k in ks}
    for problems, rows in samples.blocks(np.ones(len(samples.verdicts), dtype=bool)):
        heavy = None if weights is None else weights[rows]
        block = majority_values(classes[rows], verdicts[rows], [k for k in ks if k <= rows.shape[1]], heavy)
        for k, worth in block.items():
            values[k][problems] = worth
    return [decided_values(f"{name}@{k}", values[k], sizes, k) for k in ks]


def best_at(samples: Samples, k: int) -> AtK:
    assert samples.scores is not None
    values = np.full(len(samples.problems), np.nan)
    kept = samples.verdicts != UNKNOWN
    for problems, rows in samples.blocks(kept):
        if rows.shape[1] >= k:
            values[problems] = best_of_values(samples.scores[rows], samples.verdicts[rows].astype(np.float64), k)
    return decided_values(f"best_of@{k}", values, samples.sums(kept), k)


def decided_values(metric: str, values: Floats, sizes: Floats, k: int) -> AtK:
    """Return the metric over the problems whose chosen answers have a verdict. It is not computed if a problem has
    fewer than k samples."""
    if (few := int((sizes < k).sum())) > 0:
        return absent(metric, f"{few} problems have fewer than {k} samples with a verdict")
    kept = ~np.isnan(values)
    if not kept.any():
        return absent(metric, "no chosen answer has a verdict")
    interval = value_interval(values[kept], sizes[kept])
    return present(metric, np.flatnonzero(kept), values[kept], interval, sizes[kept].sum())


def present(
    metric: str, problems: NDArray[np.int64], values: Floats, interval: tuple[float, float], n_samples: float
) -> AtK:
    return AtK(metric, problems, values, mean_of(metric, values, interval, n_samples))


def absent(metric: str, reason: str) -> AtK:
    return AtK(metric, np.zeros(0, dtype=np.int64), np.zeros(0), not_computed(metric, reason))
