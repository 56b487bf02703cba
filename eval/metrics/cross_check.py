"""Compares what two engines drew for the same problems from the same weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from eval.metrics.accuracy import as_score
from eval.metrics.comparison import compare, matched
from eval.metrics.estimate import mean_of
from eval.metrics.intervals import value_interval
from eval.metrics.judged import read_readings
from records.rows import Score, Variant

RENAMED = {"difference": "cross_check", "difference:tokens": "cross_check_tokens"}
"""Differences of the second engine from the first, by the metrics' names among the scores."""


def check_scores(benchmark: str, variant: Variant, first: Path, second: Path) -> list[Score]:
    """Return the agreement of two directories of judged completions, and their differences (second minus first).

    The second has some of the first's problems. Agreement is the share of samples with equal verdicts. Above
    temperature 0 the engines draw different random numbers, so that only the differences tell. Errors: InputError if
    the second has other problems.
    """
    theirs = read_readings(second).strict
    whole = read_readings(first).strict
    wanted = set(theirs.problems)
    ours = whole.take(np.array([at for at, problem in enumerate(whole.problems) if problem in wanted], dtype=np.int64))
    theirs = matched(ours, theirs, (f"{benchmark}: {variant} in vLLM", "in transformers"))
    equal = ours.sums(ours.verdicts == theirs.verdicts) / ours.sizes
    sizes = ours.sizes.astype(np.float64)
    scores = [mean_of("agreement", equal, value_interval(equal, sizes), len(ours.verdicts))]
    estimates = {one.metric: one for one in compare(theirs, ours)}
    scores += [replace(estimates[name], metric=metric) for name, metric in RENAMED.items() if name in estimates]
    smallest = estimates.get("smallest_difference")
    detectable = {"cross_check": smallest.value if smallest else None}
    return [replace(as_score(benchmark, variant, one), detectable=detectable.get(one.metric)) for one in scores]
