"""Differences between two recipes that are paired by problem: each problem counts with the mean over all seeds."""

from collections.abc import Mapping, Sequence

import numpy as np

from configs.measuring import STUDENT
from eval.metrics.differences import Difference, paired_difference
from eval.metrics.judged import read_readings
from flows.stages.score import ScoreModels
from records.rows import Variant


def rates_of(scores: ScoreModels) -> dict[str, float]:
    """Return the student's share of right samples of each problem of all benchmarks, read strictly, as a model trained
    here is by default. Problems without a verdict are left out."""
    rates: dict[str, float] = {}
    for one in scores.measured:
        if one.variant == Variant(STUDENT, "full"):
            samples = read_readings(one.judged.path).strict
            right, decided = samples.counts()
            rates |= {samples.problems[at]: float(right[at] / decided[at]) for at in np.flatnonzero(decided)}
    return rates


def over_problems(first: Sequence[Mapping[str, float]], second: Sequence[Mapping[str, float]]) -> Difference:
    """Return the difference second - first between two recipes, given the rates of each seed: what holds for other
    problems with these trainings. Errors: ValueError if no problem has a rate everywhere."""
    problems = [name for name in first[0] if all(name in rates for rates in (*first, *second))]
    if not problems:
        raise ValueError("no problem was decided with every seed of both recipes")
    means = [[np.mean([rates[name] for rates in side]) for name in problems] for side in (first, second)]
    return paired_difference(np.subtract(means[1], means[0]), single=False)
