"""Judged traces of a benchmark on disk, and their scores."""

from pathlib import Path

from conftest import make_trace

from eval.metrics.accuracy import score_benchmark
from records.parquet import write_rows
from records.rows import Score, Trace, Variant, Verdict
from records.schemas import TRACE

PASSED, FAILED = Verdict("math", "1", "pass"), Verdict("math", "1", "fail", "wrong_answer")


def judged(folder: Path, outcomes: list[list[int]], **fields: object) -> Path:
    """One problem per inner list, one trace per 0 or 1 in it."""
    folder.mkdir()
    traces: list[Trace] = [
        make_trace(prompt=f"p{problem}", sample_index=index, verdicts=[PASSED if right else FAILED], **fields)  # type: ignore[arg-type]
        for problem, samples in enumerate(outcomes)
        for index, right in enumerate(samples)
    ]
    write_rows(folder / "judged.parquet", traces, TRACE)
    return folder


BASE, STUDENT, NF4 = Variant("base", "full"), Variant("student", "full"), Variant("student", "nf4")


def score(folder: Path, variant: Variant = STUDENT) -> list[Score]:
    return score_benchmark("b", {variant: folder})


def named(scores: list[Score], metric: str) -> Score:
    return next(score for score in scores if score.metric == metric)
