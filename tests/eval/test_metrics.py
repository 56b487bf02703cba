"""Scores have the right values, intervals and pairs."""

from pathlib import Path

import pyarrow as pa
import pytest
from conftest import make_trace
from metric_makers import BASE, FAILED, NF4, PASSED, STUDENT, judged, named, score

from eval.metrics.accuracy import score_benchmark
from eval.metrics.judged import COLUMNS
from eval.variants import TEACHER, Comparison, comparisons, in_order
from records.errors import InputError
from records.parquet import read_rows, write_rows
from records.rows import CUT_OFF, FINISHED, Variant, Verdict
from records.schemas import TRACE, TRACE_READ


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
    assert named(scores, "unknown").value == named(scores, "looped").value == 0.0
    assert named(scores, "tokens").value == named(scores, "tokens_wrong").value == 12
    assert named(scores, "tokens_right").why == "not computed: no sample is right"


def test_pairs_beat_separate_intervals(tmp_path: Path) -> None:
    base = judged(tmp_path / "base", [[1]] * 50 + [[0]] * 50)
    better = judged(tmp_path / "better", [[1]] * 60 + [[0]] * 40)
    gain = named(score_benchmark("b", {BASE: base, STUDENT: better}), "gain_over_base")
    assert (gain.variant, gain.n_problems, gain.n_samples) == (STUDENT, 100, 100)
    assert gain.value == pytest.approx(0.1)
    assert gain.low is not None
    assert gain.low > 0
    assert gain.p == pytest.approx(2 * 0.5**10)
    assert 0.07 < (gain.detectable or 0) < 0.09, "2.80 x sqrt(0.09 / 100)"


@pytest.mark.parametrize(
    ("student", "different"), [([[1], [1]], (0, 1)), ([[1], [1], [1], [0]], (1, 0)), ([[1]], (0, 2))]
)
def test_pairs_need_the_same_problems(tmp_path: Path, student: list[list[int]], different: tuple[int, int]) -> None:
    measured = {STUDENT: judged(tmp_path / "full", [[1]] * 3), NF4: judged(tmp_path / "nf4", student)}
    with pytest.raises(
        InputError, match=f"b: student nf4 and student full cannot .* {different[0]} problems .* {different[1]} only"
    ):
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
    stage, base_nf4 = Variant("cold_start", "full"), Variant("base", "nf4")
    assert comparisons([BASE, base_nf4, stage, STUDENT, TEACHER]) == [
        Comparison("gain_over_base", stage, BASE),
        Comparison("gain_over_base", STUDENT, BASE),
        Comparison("gap_to_teacher", STUDENT, TEACHER),
        Comparison("change_from_full", base_nf4, BASE),
    ]


def test_variants_are_in_the_order_of_their_models_and_of_all_precisions() -> None:
    mixed = [Variant("b", "fp4"), Variant("a", "nf4"), Variant("b", "full"), Variant("a", "full"), Variant("b", "fp4")]
    ordered = [("b", "full"), ("b", "fp4"), ("a", "full"), ("a", "nf4")]
    assert in_order(mixed) == [Variant(*one) for one in ordered]
    with pytest.raises(ValueError, match="not in tuple"):
        in_order([Variant("a", "int3")])


def test_scores_follow_their_variant(tmp_path: Path) -> None:
    folders = {variant: judged(tmp_path / str(variant), [[1], [0]]) for variant in (BASE, STUDENT, NF4)}
    found = [(row.variant, row.metric) for row in score_benchmark("b", folders)]
    measures = ["pass@1", "unknown", "truncated", "no_answer", "looped", "tokens", "tokens_right", "tokens_wrong"]
    assert found == [
        *((BASE, metric) for metric in measures),
        *((STUDENT, metric) for metric in [*measures, "gain_over_base"]),
        *((NF4, metric) for metric in [*measures, "gain_over_base", "change_from_full"]),
    ]


def test_no_text_is_read_but_the_answer(tmp_path: Path) -> None:
    """A file of nothing but the columns that metrics need has the same scores."""
    whole, bare = judged(tmp_path / "whole", [[1, 0], [0, 0], [1, 1]]), tmp_path / "bare"
    bare.mkdir()
    schema = pa.schema([TRACE_READ.field(name) for name in COLUMNS if name in TRACE.names])
    write_rows(bare / "judged.parquet", read_rows(whole, COLUMNS), schema)
    assert score(bare) == score(whole)
    assert {"prompt", "reference", "reasoning"}.isdisjoint(COLUMNS)


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
    assert named(found, "tokens").value == 30


def test_unknown_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    gave_up = Verdict("math", "1", "unknown", "timeout")
    folder = tmp_path / "a"
    folder.mkdir()
    rows = [make_trace(prompt=f"p{at}", verdicts=[verdict]) for at, verdict in enumerate([PASSED, FAILED, gave_up])]
    write_rows(folder / "judged.parquet", rows, TRACE)
    found = named(score(folder), "pass@1")
    assert (found.value, found.n_problems, found.n_samples) == (0.5, 2, 2)
    assert named(score(folder), "unknown").value == pytest.approx(1 / 3)


def test_with_every_verdict_unknown_there_is_no_accuracy(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    write_rows(folder / "judged.parquet", [make_trace(verdicts=[Verdict("math", "1", "unknown", "timeout")])], TRACE)
    scores = score_benchmark("b", {BASE: folder, STUDENT: folder})
    assert named(scores, "pass@1").why == "not computed: every verdict is unknown"
    assert named(scores, "gain_over_base").why == "not computed: no problem has a verdict on both sides"
    assert named(scores, "gain_over_base").value is None


@pytest.mark.parametrize(
    ("verdicts", "accepted"),
    [
        ([Verdict("length", "1", "pass"), PASSED], 1.0),
        ([Verdict("length", "1", "fail", "too_long")], 0.0),
        ([Verdict("length", "1", "fail", "too_long"), Verdict("math", "1", "unknown", "timeout")], 0.0),
    ],
)
def test_a_trace_is_right_if_every_filter_passes_it(tmp_path: Path, verdicts: list[Verdict], accepted: float) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    write_rows(folder / "judged.parquet", [make_trace(verdicts=verdicts)], TRACE)
    assert named(score(folder), "pass@1").value == accepted


def test_a_trace_twice_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    write_rows(folder / "judged.parquet", [make_trace(verdicts=[PASSED]) for _ in range(2)], TRACE)
    with pytest.raises(InputError, match=r"holds sample 0 of problem .* twice"):
        score(folder)


def test_samples_of_a_problem_vote_by_what_their_verifier_extracted(tmp_path: Path) -> None:
    """Two of three wrong answers agree; programs, unjudged answers and what dead workers say do not vote."""
    folder = tmp_path / "a"
    folder.mkdir()
    answers = [("fail", "7"), ("pass", "4"), ("fail", "7")]
    rows = [
        make_trace(sample_index=at, verdicts=[Verdict("math", "1", *one[:1], extracted=one[1])])
        for at, one in enumerate(answers)
    ]
    write_rows(folder / "judged.parquet", rows, TRACE)
    assert named(score(folder), "maj@3").value == 0.0
    died = [Verdict("math", "1", "unknown", "timeout", "a worker died")]
    rows += [make_trace(sample_index=at, verdicts=died) for at in (3, 4, 5)]
    rows[2] = make_trace(sample_index=2, verdicts=[Verdict("math", "1", "pass", extracted="4")])
    write_rows(folder / "judged.parquet", rows, TRACE)
    assert named(score(folder), "maj@6").value == 1.0
    rows = [
        make_trace(
            prompt=str(at), verifier="code", verdicts=[Verdict("code", "1", "pass", extracted="4")], sample_index=n
        )
        for at in range(2)
        for n in range(2)
    ]
    write_rows(folder / "judged.parquet", rows, TRACE)
    assert "maj@2" not in {row.metric for row in score(folder)}
