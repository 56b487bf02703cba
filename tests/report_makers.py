"""Makers of what a report shows: scores, counts, and judged traces in files."""

from itertools import accumulate
from pathlib import Path
from typing import Any

from conftest import make_trace
from trained_makers import make_counts, make_log, make_preflight

from eval.report.picking import EVALUATION, TEACHER, Bound
from eval.report.traces import JudgedVariant, RunTraces, read_run_traces
from eval.report.trained_stage import TrainedStage
from records.counts import JudgedGroup, JudgingCounts, SelectionCounts
from records.parquet import write_rows
from records.rows import Score, Trace, Variant, Verdict
from records.schemas import TRACE
from records.scores import SCORE

BASE, FULL, NF4 = Variant("base", "full"), Variant("student", "full"), Variant("student", "nf4")


def judged_trace(prompt: str, outcome: str = "pass", reason: str = "", extracted: str = "4", **fields: Any) -> Trace:
    """A trace that two filters judged; the second is its verifier."""
    reason = reason or {"pass": "", "fail": "wrong_answer", "unknown": "unverifiable"}[outcome]
    verdicts = [
        Verdict("length_bounds", "1", "pass", detail="12"),
        Verdict("math", "4", outcome, reason, extracted=extracted),
    ]
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


def samples(prompt: str, outcomes: str) -> list[Trace]:
    """A sample for each letter: r(ight), w(rong) or u(nknown)."""
    names = {"r": "pass", "w": "fail", "u": "unknown"}
    return [judged_trace(prompt, names[letter], sample_index=at) for at, letter in enumerate(outcomes)]


def make_score(metric: str = "pass@1", value: float = 0.5, low: float = 0.4, high: float = 0.6, **fields: Any) -> Score:
    row = {"benchmark": "math500", "model": "student", "precision": "full", "n_problems": 500, "n_samples": 2000}
    return Score(metric=metric, value=value, low=low, high=high, **row | fields)


def make_scores() -> list[Score]:
    return [
        make_score("pass@1", 0.8213, 0.7871, 0.8512),
        make_score("truncated", 0.031, 0.019, 0.0501),
        make_score("no_answer", 0.0412, 0.0268, 0.0633),
        make_score("tokens", 3120.4, 2981.6, 3260.7),
        make_score("gain_over_base", 0.1012, 0.0651, 0.1388),
        make_score("pass@1", 0.7201, 0.6804, 0.7577, model="base"),
        make_score("pass@1", 0.8046, 0.7692, 0.8361, precision="nf4"),
        make_score("change_from_full", -0.0167, -0.0354, 0.00001, precision="nf4"),
        make_score("pass@1", 0.133, 0.0, 1.0, benchmark="aime<25>", n_problems=30),
    ]


def judged_group(**fields: Any) -> JudgedGroup:
    row = {"problems": 50, "solved": 40, "pass_rate": 0.625, "traces": 200, "accepted": 120}
    row |= {"prompt_tokens": 10_000, "completion_tokens": 50_000}
    return JudgedGroup(**row | fields)


def judging(**fields: Any) -> JudgingCounts:
    row: dict[str, Any] = dict.fromkeys(["problems", "solved", "traces", "accepted"], 0)
    row |= {"prompt_tokens": 0, "completion_tokens": 0, "pass_rate": None, "rejected": {}, "unknown": {}}
    row |= {"by_source": {}, "by_difficulty": None, "contaminated_by": {}, "verifier_s": 0.0}
    return JudgingCounts(**row | fields)


def selection(**fields: Any) -> SelectionCounts:
    row = {"selected": 0, "problems": 0, "left_out": {}, "disputed_references": 0}
    return SelectionCounts(**row | fields)  # type: ignore[arg-type]
