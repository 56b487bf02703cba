"""Scores in the two forms that the Hugging Face hub reads: `model-index` of a card, and `.eval_results/*.yaml`."""

from dataclasses import dataclass
from typing import Any

from records.rows import STRICT, Score

METRIC = "pass@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A benchmark that is one dataset of the hub."""

    dataset: str
    """`owner/name`."""
    revision: str | None
    split: str | None


Benchmarks = dict[str, Benchmark | None]
"""All benchmarks by name; None for one that is no single dataset of the hub."""


def published(scores: list[Score], benchmarks: Benchmarks) -> list[tuple[Score, Benchmark | None]]:
    """Return pass@1 of the published weights on each whole benchmark, by the strict rule. Scores of a benchmark's parts
    are left out."""
    ours = ("student", "full", METRIC, STRICT)
    whole = [score for score in scores if (score.model, score.precision, score.metric, score.extraction) == ours]
    computed = [score for score in whole if score.value is not None and not score.group]
    return [(score, benchmarks[score.benchmark]) for score in computed if score.benchmark in benchmarks]


def model_index(title: str, scores: list[Score], benchmarks: Benchmarks) -> list[dict[str, Any]]:
    """Return the card's `model-index` in percent, with a result for each benchmark; empty without scores."""
    results = [result_of(score, benchmark) for score, benchmark in published(scores, benchmarks)]
    return [{"name": title, "results": results}] if results else []


def result_of(score: Score, benchmark: Benchmark | None) -> dict[str, Any]:
    dataset: dict[str, Any] = {"name": score.benchmark, "type": benchmark.dataset if benchmark else score.benchmark}
    if benchmark:
        known = {"split": benchmark.split, "revision": benchmark.revision}
        dataset |= {key: value for key, value in known.items() if value is not None}
    interval = {"low": percent(score.low), "high": percent(score.high)}
    about = interval | {"problems": score.n_problems, "samples": score.n_samples}
    metric = {"type": "accuracy", "name": METRIC, "value": percent(score.value), "args": about}
    return {"task": {"type": "text-generation"}, "dataset": dataset, "metrics": [metric]}


def eval_results(scores: list[Score], benchmarks: Benchmarks) -> dict[str, list[dict[str, Any]]]:
    """Return the entries of `.eval_results/<benchmark>.yaml`, in percent, for the benchmarks on the hub.

    A dataset's leaderboard finds the task by the id that its own `eval.yaml` declares, which is not known here: it is
    the benchmark's name in the config.
    """
    found = {}
    for score, benchmark in published(scores, benchmarks):
        if benchmark:
            dataset = {"id": benchmark.dataset, "task_id": score.benchmark}
            if benchmark.revision:
                dataset["revision"] = benchmark.revision
            low, high = percent(score.low), percent(score.high)
            notes = f"{METRIC}, {score.n_samples} samples of {score.n_problems} problems, 95 % interval {low} to {high}"
            found[score.benchmark] = [{"dataset": dataset, "value": percent(score.value), "notes": notes}]
    return found


def percent(share: float | None) -> float:
    assert share is not None, "only computed scores are published"
    return round(100 * share, 2)
