"""Scores: values, intervals, pairs."""

from pathlib import Path

import pytest
from conftest import make_trace

from eval.metrics.accuracy import difference, score
from records.parquet import TRACE, write_rows
from records.rows import Score, Trace, Verdict

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


def named(scores: list[Score], metric: str) -> Score:
    return next(score for score in scores if score.metric == metric)


def test_single_samples_get_wilsons_interval(tmp_path: Path) -> None:
    found = named(score(judged(tmp_path / "a", [[1]] * 8 + [[0]] * 2), "b", "student", "full"), "pass@1")
    # Wilson 1927 for 8 of 10, as in Brown, Cai and DasGupta 2001.
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert (found.n_problems, found.n_samples) == (10, 10)


def test_repeated_samples_count_as_one_problem(tmp_path: Path) -> None:
    few = named(score(judged(tmp_path / "a", [[1], [0]] * 10), "b", "student", "full"), "pass@1")
    many = named(score(judged(tmp_path / "b", [[1] * 50, [0] * 50] * 10), "b", "student", "full"), "pass@1")
    assert many.value == few.value == 0.5
    assert many.high - many.low > 0.3, "1,000 samples of 20 problems are not 1,000 problems"


def test_rates_beside_accuracy(tmp_path: Path) -> None:
    scores = score(judged(tmp_path / "a", [[0]] * 4, answer="", finish_reason="length"), "b", "base", "full")
    assert named(scores, "truncated").value == named(scores, "no_answer").value == 1.0
    assert named(scores, "completion_tokens").value == 12


def test_pairs_beat_separate_intervals(tmp_path: Path) -> None:
    base = judged(tmp_path / "base", [[1]] * 50 + [[0]] * 50)
    better = judged(tmp_path / "better", [[1]] * 60 + [[0]] * 40)
    gain = difference(better, base, "b", "student", "full", "gain_over_base")
    assert gain.value == pytest.approx(0.1)
    assert gain.low > 0


def test_pairs_need_the_same_problems(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="problems"):
        difference(judged(tmp_path / "a", [[1]]), judged(tmp_path / "b", [[1], [1]]), "b", "student", "nf4", "change")


def test_mixed_benchmarks_are_scored_by_source_too(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    rows = [make_trace(prompt=p, source=p, verdicts=[PASSED]) for p in ("x", "y")]
    write_rows(folder / "judged.parquet", rows, TRACE)
    assert {row.benchmark for row in score(folder, "b", "base", "full")} == {"b", "b/x", "b/y"}
