"""Computes the scores of a benchmark's variants, with 95 % intervals, from judged traces."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from eval.metrics.comparison import compare, matched
from eval.metrics.estimate import Estimate
from eval.metrics.groups import ENOUGH_FOR_BANDS, bands, groups_of
from eval.metrics.judged import read_readings
from eval.metrics.readings import Readings, rule_for_both
from eval.metrics.samples import Classes, Samples
from eval.metrics.statistics import accuracy_of, default_ks, describe, values_at
from eval.variants import BASE, Comparison, comparisons
from records.rows import LENIENT, Score, Variant

ACCURACY = "pass@1"
"""The accuracy averaged over all samples; an estimate of pass@1 with any number of them."""


def score_benchmark(benchmark: str, judged: dict[Variant, Path], equivalent: Classes | None = None) -> list[Score]:
    """Return the scores of every variant, each followed by its paired differences.

    `judged` holds the directory of each variant's judged completions; each is read once. `equivalent` groups equivalent
    answers for majority votes. Errors: InputError if variants that are compared were measured on different problems, or
    if a directory holds no trace.
    """
    return scores_of(benchmark, {variant: read_readings(path) for variant, path in judged.items()}, equivalent)


def scores_of(benchmark: str, measured: Mapping[Variant, Readings], equivalent: Classes | None) -> list[Score]:
    """Return the scores of what was read: by the strict rule of all variants, by the lenient one of those that are
    measured by it. A difference is given under one rule for both sides; where a lenient one is given, so is the
    lenient accuracy of both. Errors: InputError if the problems of compared variants differ."""
    strict = with_bands({variant: one.strict for variant, one in measured.items()})
    lenient = with_bands({variant: one.lenient for variant, one in measured.items() if one.lenient is not None})
    scores: list[Score] = []
    for variant, samples in strict.items():
        pairs = [pair for pair in comparisons(measured) if pair.variant == variant]
        both_leniently = [
            pair for pair in pairs if rule_for_both(measured[variant], measured[pair.yardstick]) == LENIENT
        ]
        scores += variant_scores(benchmark, variant, samples, equivalent)
        scores += [difference(benchmark, pair, strict) for pair in pairs]
        read: list[Score] = []
        if measured[variant].own == LENIENT:
            read += variant_scores(benchmark, variant, lenient[variant], equivalent)
        elif both_leniently:
            read += [as_score(benchmark, variant, accuracy_of(lenient[variant], ACCURACY))]
        read += [difference(benchmark, pair, lenient) for pair in both_leniently]
        scores += [replace(score, extraction=LENIENT) for score in read]
    return scores


def with_bands(measured: dict[Variant, Samples]) -> dict[Variant, Samples]:
    """Group every variant's problems, except the base's own, by how often the base solves them."""
    base = measured.get(BASE)
    if base is None or base.sizes.min() < ENOUGH_FOR_BANDS:
        return measured
    difficulties = dict(zip(base.problems, bands(base), strict=True))
    found = {BASE: base}
    for variant, samples in measured.items():
        if variant != BASE:
            named = {"for the base": [difficulties.get(problem, "") for problem in samples.problems]}
            found[variant] = replace(samples, groups=samples.groups | named)
    return {variant: found[variant] for variant in measured}


def variant_scores(benchmark: str, variant: Variant, samples: Samples, equivalent: Classes | None) -> Iterator[Score]:
    """Yield one score per metric, those of k samples for as many as every problem has, and one pass@1 per group of
    problems."""
    at_k = values_at(samples, default_ks(samples)[-1:], equivalent)
    for estimate in describe(samples, at_k, ACCURACY):
        yield as_score(benchmark, variant, estimate)
    for group, problems in groups_of(samples):
        yield replace(as_score(benchmark, variant, accuracy_of(samples.take(problems), ACCURACY)), group=group)


def difference(benchmark: str, pair: Comparison, measured: Mapping[Variant, Samples]) -> Score:
    """Return the paired difference of pass@1, taken problem by problem. Errors: InputError if the problems differ."""
    ours = measured[pair.variant]
    names = (f"{benchmark}: {pair.variant}", str(pair.yardstick))
    estimates = {one.metric: one for one in compare(ours, matched(ours, measured[pair.yardstick], names))}
    found = replace(estimates["difference"], metric=pair.metric)
    smallest = estimates.get("smallest_difference")
    return replace(as_score(benchmark, pair.variant, found), detectable=smallest.value if smallest else None)


def as_score(benchmark: str, variant: Variant, estimate: Estimate) -> Score:
    return Score(
        benchmark=benchmark,
        model=variant.model,
        precision=variant.precision,
        metric=estimate.metric,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n_problems=estimate.n_problems,
        n_samples=estimate.n_samples,
        p=estimate.p,
        why=estimate.why,
    )
