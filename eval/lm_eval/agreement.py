"""Compares what lm-eval measured with what the run recorded, problem by problem."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from eval.comparing.evaluated_run import Measurement, samples_of
from eval.lm_eval.samples import LmEvalSample
from eval.metrics.comparison import compare, matched
from eval.metrics.estimate import Estimate
from eval.metrics.samples import RIGHT, WRONG, Samples, sorted_samples
from eval.metrics.statistics import accuracy_of, average_name
from records.errors import InputError
from records.parquet import check_columns, read_traces
from records.rows import FINISHED, STRICT, Trace, is_accepted
from records.schemas import TRACE

Judge = Callable[[list[Trace]], list[str]]
"""Gives traces the outcomes of our verifiers: pass, fail or unknown. The flow passes it in."""


@dataclass(frozen=True, slots=True)
class Item:
    """One completion of the run beside lm-eval's of the same problem. Made by `items_of`; read by tables and JSON."""

    problem_id: str
    reference: str
    ours: str
    """The answer; the reasoning so far if it was never closed."""
    theirs: str
    right: bool
    """Our verdict on our completion; unknown counts as not right."""
    their_metric: bool
    """lm-eval's verdict on its completion."""
    their_answer_right: bool
    """Our verdict on lm-eval's completion."""

    @property
    def alike(self) -> bool:
        return self.ours.split() == self.theirs.split()

    @property
    def agrees(self) -> bool:
        return self.right == self.their_metric

    @property
    def why(self) -> str:
        """What a disagreement comes from: empty if there is none."""
        if self.agrees:
            return ""
        return "read differently" if self.right == self.their_answer_right else "another completion"


def items_of(measurement: Measurement, samples: dict[str, LmEvalSample], judge: Judge) -> list[Item]:
    """Return the first completion of every problem that lm-eval measured, beside lm-eval's. Errors: InputError if it
    measured a problem that the run did not."""
    traces = {trace.problem_id: trace for trace in first_traces(measurement.judged.artifact.path)}
    if foreign := [problem for problem in samples if problem not in traces]:
        raise InputError(
            f"lm-eval measured {len(foreign)} problems that the run did not, such as {foreign[0]}; name the samples of "
            "this benchmark's task"
        )
    pairs = [(traces[problem], sample) for problem, sample in samples.items()]
    outcomes = judge([as_if_sampled(*pair) for pair in pairs])
    return [item_of(*pair, outcome) for pair, outcome in zip(pairs, outcomes, strict=True)]


def first_traces(judged: Path) -> Iterator[Trace]:
    """Yield the first completion of every problem. Errors: InputError for a folder of something else."""
    check_columns(judged, TRACE.names)
    return (trace for trace in read_traces(judged) if (trace.attempt, trace.sample_index) == (0, 0))


def as_if_sampled(trace: Trace, sample: LmEvalSample) -> Trace:
    """Return lm-eval's answer as a finished trace of ours."""
    return replace(trace, answer=sample.answer, closed=True, finish_reason=FINISHED, verdicts=[])


def item_of(trace: Trace, sample: LmEvalSample, outcome: str) -> Item:
    return Item(
        problem_id=trace.problem_id,
        reference=trace.reference,
        ours=trace.answer if trace.closed else trace.reasoning,
        theirs=sample.answer,
        right=is_accepted(verdict.outcome for verdict in trace.verdicts),
        their_metric=sample.right,
        their_answer_right=outcome == "pass",
    )


def estimates_of(measurement: Measurement, samples: dict[str, LmEvalSample]) -> list[Estimate]:
    """Return the run's accuracy, lm-eval's, and the paired difference of lm-eval's to it, on the problems that lm-eval
    measured, with all samples of the run."""
    ours = samples_of(measurement, STRICT)
    ours = ours.take(np.array([at for at, problem in enumerate(ours.problems) if problem in samples]))
    theirs = matched(ours, table_of(samples), ("the run", "lm-eval"))
    return [
        accuracy_of(ours, average_name(ours)),
        accuracy_of(theirs, "lm_eval:exact_match"),
        *compare(theirs, ours),
    ]


def table_of(samples: dict[str, LmEvalSample]) -> Samples:
    n = len(samples)
    verdicts = np.array([RIGHT if one.right else WRONG for one in samples.values()], dtype=np.int8)
    table, _ = sorted_samples(
        list(samples), np.arange(n, dtype=np.int32), np.zeros(n, dtype=np.int64), verdicts=verdicts
    )
    return table
