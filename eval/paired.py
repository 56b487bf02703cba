"""Compares two models over all problems of several benchmarks, and on each benchmark."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from eval.metrics.comparison import NO_PAIR, Pair, length_difference, matched, pair_of
from eval.metrics.estimate import Estimate
from eval.metrics.pooling import pooled
from eval.metrics.readings import Readings, rule_for_both
from eval.metrics.samples import Samples
from eval.metrics.statistics import accuracy_of
from eval.variants import Comparison
from records.comparisons import Figure, Paired
from records.rows import STRICT, Variant

Measured = Mapping[str, Mapping[Variant, Readings]]
"""What was read of every variant, by benchmark."""
ALL = ""
"""The name of all benchmarks together."""


def pairs_of(measured: Measured, pair: Comparison, confidence: float) -> Iterator[Paired]:
    """Yield the comparison over all benchmarks that measured both models, then that on each.

    Every problem counts alike, so that a benchmark counts by its number of problems. Errors: InputError if the two were
    measured on different problems of a benchmark.
    """
    both = {name: one for name, one in measured.items() if pair.variant in one and pair.yardstick in one}
    if not both:
        return
    rules = {rule_for_both(one[pair.variant], one[pair.yardstick]) for one in both.values()}
    rule = rules.pop() if len(rules) == 1 else STRICT
    sides: list[tuple[Samples, Samples]] = []
    for name, one in both.items():
        ours, theirs = one[pair.variant].by(rule), one[pair.yardstick].by(rule)
        sides.append((ours, matched(ours, theirs, (f"{name}: {pair.variant}", str(pair.yardstick)))))
    whole = pooled([ours for ours, _ in sides]), pooled([theirs for _, theirs in sides])
    for name, (ours, theirs) in zip([ALL, *both], [whole, *sides], strict=True):
        yield paired(name, pair.variant, rule, (ours, theirs), confidence)


def paired(benchmark: str, variant: Variant, rule: str, sides: tuple[Samples, Samples], confidence: float) -> Paired:
    """Return the comparison of the first side, the variant's, with the second; their problems must be `matched`."""
    ours, theirs = sides
    pair = pair_of(ours, theirs)
    nothing = Figure(value=None, why=f"not computed: {NO_PAIR}")
    found = Paired(
        benchmark=benchmark,
        model=variant.model,
        precision=variant.precision,
        extraction=rule,
        accuracy=figure(accuracy_of(ours, "accuracy")),
        change=nothing,
        tokens=nothing,
    )
    if pair is None:
        return found
    difference = pair.difference()
    at_least, at_most = pair.bounds(confidence)
    lost, gained = flips(pair)
    return replace(
        found,
        change=Figure(value=difference.value, low=difference.interval[0], high=difference.interval[1]),
        tokens=tokens_of(ours, theirs),
        p=difference.p,
        at_least=at_least,
        at_most=at_most,
        lost=lost,
        gained=gained,
        n_problems=difference.n_problems,
        n_samples=pair.n_samples,
        error=difference.error,
        within=pair.within(),
    )


def flips(pair: Pair) -> tuple[int, int]:
    """Return on how many problems the first side is less often right than the second, and more often."""
    rates, their_rates = pair.rates
    return int((rates < their_rates).sum()), int((rates > their_rates).sum())


def tokens_of(ours: Samples, theirs: Samples) -> Figure:
    found = next(length_difference(ours, theirs), None)
    return figure(found) if found else Figure(value=None, why="not computed: tokens were not recorded")


def figure(estimate: Estimate) -> Figure:
    return Figure(value=estimate.value, low=estimate.low, high=estimate.high, why=estimate.why)
