"""Makers of judged traces in files, and of what a report reads from them."""

from itertools import accumulate
from pathlib import Path
from typing import Any

from conftest import make_trace
from trained_makers import make_counts, make_log, make_preflight

from eval.report.picking import EVALUATION, TEACHER, Bound
from eval.report.traces import JudgedVariant, RunTraces, read_run_traces
from eval.report.trained_stage import TrainedStage
from records.parquet import TRACE, write_rows
from records.rows import Trace, Variant, Verdict
from records.scores import SCORE

BASE, FULL, NF4 = Variant("base", "full"), Variant("student", "full"), Variant("student", "nf4")


def judged_trace(prompt: str, outcome: str = "pass", reason: str = "", detail: str = "4", **fields: Any) -> Trace:
    """A trace that two filters judged; the second is its verifier."""
    reason = reason or {"pass": "", "fail": "wrong_answer", "unknown": "unverifiable"}[outcome]
    verdicts = [Verdict("length_bounds", "1", "pass", detail="12"), Verdict("math", "4", outcome, reason, detail)]
    return make_trace(prompt=prompt, verdicts=verdicts, **fields)


def write_judged(folder: Path, traces: list[Trace]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "judged-00000.parquet", traces, TRACE)
    return folder


def make_run_traces(
    folder: Path,
    teacher: list[Trace] | None = None,
    evaluation: Bound = EVALUATION,
    teacher_bound: Bound = TEACHER,
    **benchmarks: dict[Variant, list[Trace]],
) -> RunTraces:
    measured = [
        JudgedVariant(benchmark, variant, write_judged(folder / f"{benchmark}-{variant}", traces))
        for benchmark, variants in benchmarks.items()
        for variant, traces in variants.items()
    ]
    judged = write_judged(folder / "teacher", teacher or [])
    return read_run_traces(judged, measured, evaluation=evaluation, teacher=teacher_bound)


def make_training(**fields: Any) -> TrainedStage:
    row = {"name": "warm_up", "method": "sft", "start": "the base", "counts": make_counts(), "log": make_log()}
    row |= {"preflight": make_preflight(), "facts": [("duplicates", "3")], "estimates": []}
    return TrainedStage(**row | fields)


def write_scores(folder: Path, scorer: str, scores: list[list[float | None]], traces: list[Trace]) -> Path:
    """A folder of step scores of traces whose steps are their lines, or of one score for a whole trace."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for steps, trace in zip(scores, traces, strict=True):
        lines = [*trace.reasoning.splitlines(keepends=True), *trace.answer.splitlines(keepends=True)]
        row = {"problem_id": trace.problem_id, "attempt": trace.attempt, "sample_index": trace.sample_index}
        row |= {"scorer": scorer, "steps": [], "ends": [], "tokens": 0}
        if len(steps) == 1:
            rows.append(row | {"outcome": steps[0]})
        else:
            rows.append(row | {"steps": steps, "ends": list(accumulate(map(len, lines[: len(steps)])))})
    write_rows(folder / "scores-00000.parquet", rows, SCORE)
    return folder
