"""Compares two tables of judged samples of the same problems, problem by problem."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eval.metrics.beta_binomial import Floats
from eval.metrics.differences import Difference, mean_difference, paired_difference
from eval.metrics.estimate import Estimate, mean_of, not_computed
from eval.metrics.intervals import Interval, value_interval
from eval.metrics.one_sided import one_sided
from eval.metrics.planning import problems_for_a_point, samples_for_a_point, smallest_difference
from eval.metrics.samples import Samples
from eval.metrics.statistics import AtK
from records.errors import InputError

DIFFERENCE = "difference"
NO_PAIR = "no problem has a verdict on both sides"
NAMED = 3
"""Most problems that an error names."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Right and decided samples on both sides of the problems that have a verdict on both."""

    right: tuple[Floats, Floats]
    decided: tuple[Floats, Floats]

    @property
    def rates(self) -> tuple[Floats, Floats]:
        return self.right[0] / self.decided[0], self.right[1] / self.decided[1]

    @property
    def single(self) -> bool:
        """True if every problem has one sample on either side."""
        return all(bool((decided == 1).all()) for decided in self.decided)

    @property
    def n_samples(self) -> int:
        """Number of samples on the first side."""
        return int(self.decided[0].sum())

    def difference(self) -> Difference:
        """Return the mean difference, the first side minus the second."""
        rates, their_rates = self.rates
        return paired_difference(rates - their_rates, single=self.single)

    def bounds(self, confidence: float) -> Interval:
        """Return the one-sided bounds of that difference, each with this confidence."""
        rates, their_rates = self.rates
        return one_sided(rates - their_rates, confidence, single=self.single)

    def within(self) -> float | None:
        """Return the mean variance that sampling gives a problem's difference; None if a problem has a single sample,
        which does not tell."""
        if min(float(decided.min()) for decided in self.decided) < 2:
            return None
        sides = zip(self.rates, self.decided, strict=True)
        return float(sum((rate * (1 - rate) / (decided - 1)).mean() for rate, decided in sides))


def matched(ours: Samples, theirs: Samples, names: tuple[str, str]) -> Samples:
    """Return `theirs` with its problems in the order of `ours`. Errors: InputError if the problems differ."""
    if ours.problems == theirs.problems:
        return theirs
    places = {problem: at for at, problem in enumerate(theirs.problems)}
    known = set(ours.problems)
    only_ours = [problem for problem in ours.problems if problem not in places]
    only_theirs = [problem for problem in theirs.problems if problem not in known]
    if only := [*only_ours, *only_theirs]:
        told = ", ".join(map(repr, only[:NAMED])) + (", …" if len(only) > NAMED else "")
        raise InputError(
            f"{names[0]} and {names[1]} cannot be compared, because {len(only_ours)} problems are only in the first "
            f"and {len(only_theirs)} only in the second ({told}); compare them on the same problems"
        )
    return theirs.take(np.array([places[problem] for problem in ours.problems]))


def compare(ours: Samples, theirs: Samples, at_k: tuple[list[AtK], list[AtK]] = ([], [])) -> list[Estimate]:
    """Return all statistics of the difference `ours` minus `theirs`, whose problems must be `matched`, with what
    `values_at` found on both sides. Problems without a verdict on one side are left out."""
    pair = pair_of(ours, theirs)
    if pair is None:
        return [not_computed(DIFFERENCE, NO_PAIR)]
    difference = pair.difference()
    return [
        as_estimate(DIFFERENCE, difference, pair.n_samples),
        *errors(pair),
        *plan(pair, difference),
        *flips(pair),
        *differences_at(*at_k),
        *length_difference(ours, theirs),
    ]


def pair_of(ours: Samples, theirs: Samples) -> Pair | None:
    """Return the counts of `matched` samples on the problems that have a verdict on both sides; None if none has."""
    (right, decided), (their_right, their_decided) = ours.counts(), theirs.counts()
    kept = (decided > 0) & (their_decided > 0)
    if not kept.any():
        return None
    return Pair((right[kept], their_right[kept]), (decided[kept], their_decided[kept]))


def as_estimate(metric: str, difference: Difference, n_samples: int) -> Estimate:
    low, high = difference.interval
    return Estimate(metric, difference.value, low, high, difference.n_problems, n_samples, difference.p)


def without_interval(metric: str, value: float, pair: Pair) -> Estimate:
    return Estimate(metric, float(value), n_problems=len(pair.decided[0]), n_samples=pair.n_samples)


def errors(pair: Pair) -> Iterator[Estimate]:
    """Yield the clustered standard error of the paired difference, and what it would be on different problems."""
    rates, their_rates = pair.rates
    n = len(rates)
    yield without_interval("standard_error_paired", np.sqrt((rates - their_rates).var() / n), pair)
    yield without_interval("standard_error_unpaired", np.sqrt((rates.var() + their_rates.var()) / n), pair)


def plan(pair: Pair, difference: Difference) -> Iterator[Estimate]:
    """Yield the smallest difference that so many problems and samples show, and how many show one point."""
    variance, n = difference.variance, difference.n_problems
    yield without_interval("smallest_difference", smallest_difference(variance, n), pair)
    yield without_interval("problems_for_one_point", problems_for_a_point(variance), pair)
    metric, within = "samples_for_one_point", pair.within()
    if within is None:
        yield not_computed(metric, "a single sample does not tell chance from differences between problems")
        return
    fewest = int(min(float(decided.min()) for decided in pair.decided))
    samples = samples_for_a_point(variance, within, fewest, n)
    if samples is None:
        yield not_computed(metric, f"no number of samples shows one point on {n} problems, only more problems do")
    else:
        yield without_interval(metric, samples, pair)


def flips(pair: Pair) -> Iterator[Estimate]:
    """Yield how many problems got worse and better, called lost and gained if each has one sample, and the accuracy of
    an oracle that picks the right one of two answers, one from either side."""
    rates, their_rates = pair.rates
    names = ("lost", "gained") if pair.single else ("worse", "better")
    for name, column in zip(names, (rates < their_rates, rates > their_rates), strict=True):
        yield without_interval(name, column.sum(), pair)
    values = 1 - (1 - rates) * (1 - their_rates)
    samples = np.minimum(*pair.decided)
    yield mean_of("either", values, value_interval(values, samples), pair.n_samples)


def differences_at(ours: list[AtK], theirs: list[AtK]) -> Iterator[Estimate]:
    """Yield the paired difference of every metric of k samples that both sides have."""
    others = {one.metric: one for one in theirs}
    for our in ours:
        if our.metric not in others:
            continue
        yield difference_at(f"{DIFFERENCE}:{our.metric}", our, others[our.metric])


def difference_at(metric: str, ours: AtK, theirs: AtK) -> Estimate:
    """Return the paired difference of two metrics of k samples, on the problems that have both."""
    _, at, their_at = np.intersect1d(ours.problems, theirs.problems, return_indices=True)
    if not len(at):
        return not_computed(metric, (ours.estimate.why or theirs.estimate.why).removeprefix("not computed: "))
    sides = ours.values[at], theirs.values[their_at]
    single = all(bool(np.isin(values, (0.0, 1.0)).all()) for values in sides)
    return as_estimate(metric, paired_difference(sides[0] - sides[1], single=single), ours.estimate.n_samples)


def length_difference(ours: Samples, theirs: Samples) -> Iterator[Estimate]:
    """Yield the paired difference of mean tokens per problem, if both sides recorded them."""
    if ours.tokens is None or theirs.tokens is None:
        return
    metric = f"{DIFFERENCE}:tokens"
    if len(ours.problems) < 2:
        yield not_computed(metric, "a single problem says nothing about others")
        return
    values = ours.sums(ours.tokens) / ours.sizes - theirs.sums(theirs.tokens) / theirs.sizes
    (low, high), p = mean_difference(values)
    yield Estimate(metric, float(values.mean()), low, high, len(values), len(ours.verdicts), p)
