"""Scores with 95 % intervals from judged traces.

Accuracy over single samples gets Wilson's interval; means and paired differences a percentile bootstrap over problems,
because the samples of one problem are not independent (arXiv 2504.07086; open-r1 PR#665).
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import stats

from records.parquet import read_traces
from records.rows import CUT_OFF, Score, Trace

VERSION = "1"
RESAMPLES = 2000
Means = dict[str, float]
"""Per problem id, the mean over its samples."""


def solved(trace: Trace) -> float:
    return float(trace.accepted)


METRICS: dict[str, Callable[[Trace], float]] = {
    "pass@1": solved,
    "truncated": lambda trace: float(trace.finish_reason == CUT_OFF),
    "no_answer": lambda trace: float(not trace.answer),
    "completion_tokens": lambda trace: float(trace.completion_tokens),
}


def score(judged: Path, benchmark: str, model: str, precision: str) -> list[Score]:
    """One Score per metric, and one more pass@1 per source (`benchmark/source`) where a benchmark mixes several."""
    traces = list(read_traces(judged))
    scores = [
        mean_score(Score(benchmark, model, precision, name, 0, 0, 0, 0, 0), traces, metric)
        for name, metric in METRICS.items()
    ]
    sources = sorted({trace.source for trace in traces})
    for source in sources if len(sources) > 1 else []:
        part = [trace for trace in traces if trace.source == source]
        scores.append(
            mean_score(Score(f"{benchmark}/{source}", model, precision, "pass@1", 0, 0, 0, 0, 0), part, solved)
        )
    return scores


def difference(judged: Path, yardstick: Path, benchmark: str, model: str, precision: str, metric: str) -> Score:
    """Paired difference of pass@1 over the problems both measured. ValueError if the problems differ."""
    ours, theirs = per_problem(list(read_traces(judged)), solved), per_problem(list(read_traces(yardstick)), solved)
    if ours.keys() != theirs.keys():
        raise ValueError(f"{benchmark}: {precision} was not measured on the yardstick's problems")
    changes = [ours[problem] - theirs[problem] for problem in sorted(ours)]
    low, high = bootstrap(changes)
    samples = sum(1 for _ in read_traces(judged))
    return Score(benchmark, model, precision, metric, float(np.mean(changes)), low, high, len(changes), samples)


def mean_score(blank: Score, traces: list[Trace], metric: Callable[[Trace], float]) -> Score:
    means = list(per_problem(traces, metric).values())
    binary = len(means) == len(traces) and all(mean in (0.0, 1.0) for mean in means)
    low, high = wilson(means) if binary else bootstrap(means)
    value = float(np.mean(means))
    return Score(blank.benchmark, blank.model, blank.precision, blank.metric, value, low, high, len(means), len(traces))


def per_problem(traces: list[Trace], metric: Callable[[Trace], float]) -> Means:
    values: dict[str, list[float]] = defaultdict(list)
    for trace in traces:
        values[trace.problem_id].append(metric(trace))
    return {problem: float(np.mean(samples)) for problem, samples in values.items()}


def wilson(values: list[float]) -> tuple[float, float]:
    interval = stats.binomtest(int(sum(values)), len(values)).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap(values: list[float]) -> tuple[float, float]:
    if len(set(values)) == 1:
        return values[0], values[0]
    sample = (np.asarray(values),)
    result = stats.bootstrap(sample, np.mean, method="percentile", n_resamples=RESAMPLES, rng=np.random.default_rng(0))
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
