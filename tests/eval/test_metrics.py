"""Scores have the right values, intervals and pairs."""

from pathlib import Path

import pyarrow as pa
import pytest
from conftest import make_trace

from eval.metrics.accuracy import score_benchmark
from eval.metrics.measured import COLUMNS
from eval.variants import Comparison, comparisons, rank
from records.errors import InputError
from records.parquet import TRACE, read_rows, write_rows
from records.rows import CUT_OFF, FINISHED, Score, Trace, Variant, Verdict

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


def test_single_samples_get_wilsons_interval(tmp_path: Path) -> None:
    found = named(score(judged(tmp_path / "a", [[1]] * 8 + [[0]] * 2)), "pass@1")
    # Wilson 1927 for 8 of 10, as in Brown, Cai and DasGupta 2001.
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert (found.n_problems, found.n_samples) == (10, 10)


def test_repeated_samples_count_as_one_problem(tmp_path: Path) -> None:
    few = named(score(judged(tmp_path / "a", [[1], [0]] * 10)), "pass@1")
    many = named(score(judged(tmp_path / "b", [[1] * 50, [0] * 50] * 10)), "pass@1")
    assert many.value == few.value == 0.5
    assert many.high - many.low > 0.3, "1,000 samples of 20 problems are not 1,000 problems"


def test_rates_beside_accuracy(tmp_path: Path) -> None:
    scores = score(judged(tmp_path / "a", [[0]] * 4, answer="", finish_reason="length"), BASE)
    assert named(scores, "truncated").value == named(scores, "no_answer").value == 1.0
    assert named(scores, "completion_tokens").value == 12


def test_pairs_beat_separate_intervals(tmp_path: Path) -> None:
    base = judged(tmp_path / "base", [[1]] * 50 + [[0]] * 50)
    better = judged(tmp_path / "better", [[1]] * 60 + [[0]] * 40)
    gain = named(score_benchmark("b", {BASE: base, STUDENT: better}), "gain_over_base")
    assert (gain.variant, gain.n_problems, gain.n_samples) == (STUDENT, 100, 100)
    assert gain.value == pytest.approx(0.1)
    assert gain.low > 0


@pytest.mark.parametrize(("student", "different"), [([[1], [1]], 1), ([[1], [1], [1], [0]], 1), ([[1]], 2)])
def test_pairs_need_the_same_problems(tmp_path: Path, student: list[list[int]], different: int) -> None:
    measured = {STUDENT: judged(tmp_path / "full", [[1]] * 3), NF4: judged(tmp_path / "nf4", student)}
    with pytest.raises(InputError, match=f"b: student nf4 and student full cannot .* {different} problems"):
        score_benchmark("b", measured)


def test_without_a_judged_trace_there_is_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no judged trace"):
        score(judged(tmp_path / "a", []))


def test_every_comparison_is_declared_and_has_its_yardstick() -> None:
    int8 = Variant("student", "int8")
    assert comparisons([BASE, STUDENT, int8, NF4]) == [
        *(Comparison("gain_over_base", student, BASE) for student in (STUDENT, int8, NF4)),
        *(Comparison("change_from_full", quantized, STUDENT) for quantized in (int8, NF4)),
    ]
    assert comparisons([STUDENT, NF4]) == [Comparison("change_from_full", NF4, STUDENT)]
    assert comparisons([BASE]) == comparisons([NF4]) == []
    assert sorted([NF4, int8, STUDENT, BASE], key=rank) == [BASE, STUDENT, int8, NF4]


def test_scores_follow_their_variant(tmp_path: Path) -> None:
    folders = {variant: judged(tmp_path / str(variant), [[1], [0]]) for variant in (BASE, STUDENT, NF4)}
    found = [(row.variant, row.metric) for row in score_benchmark("b", folders)]
    measures = ["pass@1", "truncated", "no_answer", "completion_tokens"]
    assert found == [
        *((BASE, metric) for metric in measures),
        *((STUDENT, metric) for metric in [*measures, "gain_over_base"]),
        *((NF4, metric) for metric in [*measures, "gain_over_base", "change_from_full"]),
    ]


def test_no_text_is_read_but_the_answer(tmp_path: Path) -> None:
    """A file of nothing but the columns that metrics need has the same scores."""
    whole, bare = judged(tmp_path / "whole", [[1, 0], [0, 0], [1, 1]]), tmp_path / "bare"
    bare.mkdir()
    schema = pa.schema([TRACE.field(name) for name in COLUMNS])
    write_rows(bare / "judged.parquet", read_rows(whole, COLUMNS), schema)
    assert score(bare) == score(whole)
    assert {"prompt", "reference", "reasoning", "extra"}.isdisjoint(COLUMNS)


def test_one_of_several_samples_without_an_answer_counts_in_part(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    fields = [("", CUT_OFF, 10), ("4", FINISHED, 20), ("4", FINISHED, 60)]
    rows = [
        make_trace(sample_index=at, answer=answer, finish_reason=reason, completion_tokens=tokens, verdicts=[FAILED])
        for at, (answer, reason, tokens) in enumerate(fields)
    ]
    write_rows(folder / "judged.parquet", rows, TRACE)
    found = score(folder)
    assert named(found, "no_answer").value == named(found, "truncated").value == pytest.approx(1 / 3)
    assert named(found, "completion_tokens").value == 30


def test_mixed_benchmarks_are_scored_by_source_too(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    rows = [make_trace(prompt=p, source=p, verdicts=[PASSED]) for p in ("x", "y")]
    write_rows(folder / "judged.parquet", rows, TRACE)
    assert {row.benchmark for row in score(folder, BASE)} == {"b", "b/x", "b/y"}
