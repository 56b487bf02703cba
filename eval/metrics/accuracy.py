"""Computes scores with 95 % intervals from judged traces."""

from pathlib import Path

import numpy as np

from eval.metrics.intervals import bootstrap, wilson
from eval.metrics.measured import MEASURES, Measured, ProblemSums, measure
from eval.variants import Comparison, comparisons
from records.errors import InputError
from records.rows import Score, Variant


def score_benchmark(benchmark: str, judged: dict[Variant, Path]) -> list[Score]:
    """Return the scores of every variant, each followed by its paired differences.

    `judged` holds the directory of each variant's judged completions; each is read once. Errors: InputError if
    variants that are compared were measured on different problems, or if a directory holds no trace.
    """
    measured = {variant: measure(path) for variant, path in judged.items()}
    pairs = comparisons(measured)
    scores: list[Score] = []
    for variant, problem_sums in measured.items():
        scores += variant_scores(benchmark, variant, problem_sums)
        scores += [difference(benchmark, pair, measured) for pair in pairs if pair.variant == variant]
    return scores


def variant_scores(benchmark: str, variant: Variant, measured: Measured) -> list[Score]:
    """Return one score per metric, and one pass@1 per source (`benchmark/source`) if a benchmark has several."""
    problems = list(measured.values())
    scores = [mean_score(benchmark, variant, metric, problems) for metric in MEASURES]
    sources = sorted({problem.source for problem in problems})
    for source in sources if len(sources) > 1 else []:
        part = [problem for problem in problems if problem.source == source]
        scores.append(mean_score(f"{benchmark}/{source}", variant, "pass@1", part))
    return scores


def mean_score(benchmark: str, variant: Variant, metric: str, problems: list[ProblemSums]) -> Score:
    means = [problem.mean(metric) for problem in problems]
    n_samples = sum(problem.samples for problem in problems)
    binary = len(means) == n_samples and all(mean in (0.0, 1.0) for mean in means)
    low, high = wilson(means) if binary else bootstrap(means)
    return Score(
        benchmark=benchmark,
        model=variant.model,
        precision=variant.precision,
        metric=metric,
        value=float(np.mean(means)),
        low=low,
        high=high,
        n_problems=len(means),
        n_samples=n_samples,
    )


def difference(benchmark: str, pair: Comparison, measured: dict[Variant, Measured]) -> Score:
    """Return the paired difference of pass@1, taken problem by problem. Errors: InputError if the problems differ."""
    ours, theirs = measured[pair.variant], measured[pair.yardstick]
    if different := len(ours.keys() ^ theirs.keys()):
        raise InputError(
            f"{benchmark}: {pair.variant} and {pair.yardstick} cannot be compared, because {different} problems were "
            "put to only one of them; delete both evaluations to measure them on the same problems"
        )
    changes = [ours[problem].mean("pass@1") - theirs[problem].mean("pass@1") for problem in sorted(ours)]
    low, high = bootstrap(changes)
    return Score(
        benchmark=benchmark,
        model=pair.variant.model,
        precision=pair.variant.precision,
        metric=pair.metric,
        value=float(np.mean(changes)),
        low=low,
        high=high,
        n_problems=len(changes),
        n_samples=sum(problem.samples for problem in ours.values()),
    )
