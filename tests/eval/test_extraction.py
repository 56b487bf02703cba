"""Models are measured by one rule or two, and compared under the same rule for both."""

from pathlib import Path

import pytest
from comparison_makers import BASE, NF4, RIGHT, STUDENT, UNKNOWN, WRONG, read
from conftest import make_trace

from eval.metrics.accuracy import scores_of
from eval.metrics.judged import read_readings
from eval.report.score_row import ScoreRow, headline
from eval.report.tables import markdown_scores, score_table
from records.errors import InputError
from records.parquet import read_traces, write_rows
from records.rows import CUT_OFF, Reading, Score, Trace, Verdict
from records.schemas import TRACE_READ

PASSED, NOTHING = Verdict("math", "1", "pass", extracted="4"), Verdict("math", "1", "fail", "no_answer")
READ_RIGHT = Reading("last_line", "pass", "", "4")
READ_WRONG = Reading("last_value", "fail", "wrong_answer", "7")
NOT_READ = Reading("none", "fail", "no_answer", "")
AS_STRICT = Reading("strict", "pass", "", "4")


def written(folder: Path, rows: list[tuple[Verdict, Reading | None]], n: int = 1) -> Path:
    """One trace per row, n of each problem."""
    folder.mkdir()
    traces: list[Trace] = []
    for at, (verdict, reading) in enumerate(rows):
        trace = make_trace(prompt=f"p{at // n}", sample_index=at % n, verdicts=[verdict])
        traces.append(Trace(**{name: getattr(trace, name) for name in trace.__slots__} | {"lenient": reading}))
    write_rows(folder / "judged.parquet", traces, TRACE_READ)
    assert list(read_traces(folder)) == traces
    return folder


def row(scores: list[Score], metric: str, extraction: str, model: str = "base") -> Score:
    (found,) = (
        one
        for one in scores
        if (one.metric, one.extraction, one.model, one.group) == (metric, extraction, model, "")
        and one.precision == "full"
    )
    return found


def test_both_rules_are_shown_of_a_model_that_is_measured_leniently(tmp_path: Path) -> None:
    rows: list[tuple[Verdict, Reading | None]] = [(PASSED, AS_STRICT), (NOTHING, READ_RIGHT)]
    rows += [(NOTHING, READ_WRONG), (NOTHING, NOT_READ)]
    scores = scores_of("b", {BASE: read_readings(written(tmp_path / "a", rows), "lenient")}, None)
    assert [row(scores, "pass@1", rule).value for rule in ("strict", "lenient")] == [0.25, 0.5]
    assert [row(scores, "no_answer", rule).value for rule in ("strict", "lenient")] == [0.75, 0.25]
    table = score_table(scores)
    assert [(line["extraction"], line["problems"]) for line in table] == [("strict", "4"), ("lenient", "4")]
    assert "| base | full | lenient | 4 | 50.0% [" in markdown_scores(scores)


def test_lenient_answers_vote(tmp_path: Path) -> None:
    rows: list[tuple[Verdict, Reading | None]] = [(NOTHING, READ_RIGHT), (NOTHING, READ_WRONG), (NOTHING, READ_WRONG)]
    scores = scores_of("b", {BASE: read_readings(written(tmp_path / "a", rows, n=3), "lenient")}, None)
    found = {rule: row(scores, "maj@3", rule).value for rule in ("strict", "lenient")}
    assert found == {"strict": 0, "lenient": 0}, "nobody votes strictly, and most are wrong leniently"
    rows[1] = (NOTHING, READ_RIGHT)
    scores = scores_of("b", {BASE: read_readings(written(tmp_path / "b", rows, n=3), "lenient")}, None)
    assert row(scores, "maj@3", "lenient").value == 1


def test_a_model_that_is_measured_strictly_has_no_lenient_row_of_its_own(tmp_path: Path) -> None:
    readings = read_readings(written(tmp_path / "a", [(NOTHING, READ_RIGHT)]), "strict")
    assert {score.extraction for score in scores_of("b", {STUDENT: readings}, None)} == {"strict"}


def test_without_readings_nothing_is_measured_leniently(tmp_path: Path) -> None:
    folder = written(tmp_path / "a", [(PASSED, None)])
    with pytest.raises(InputError, match="holds no lenient readings; delete it"):
        read_readings(folder, "lenient")
    assert read_readings(folder).lenient is None


def test_the_gain_is_given_under_each_rule_for_both() -> None:
    """Strictly the base solves 1 of 4 and leniently 3; the student 3 either way."""
    base = read([[RIGHT], [WRONG], [WRONG], [WRONG]], [[RIGHT], [RIGHT], [RIGHT], [WRONG]])
    student = read([[RIGHT], [RIGHT], [RIGHT], [WRONG]], [[RIGHT], [RIGHT], [RIGHT], [WRONG]], "strict")
    scores = scores_of("b", {BASE: base, STUDENT: student, NF4: student}, None)
    gains = {rule: row(scores, "gain_over_base", rule, "student").value for rule in ("strict", "lenient")}
    assert gains == {"strict": 0.5, "lenient": 0}
    assert row(scores, "pass@1", "lenient", "student").value == 0.75, "what the gain was computed from"
    changes = [score.extraction for score in scores if score.metric == "change_from_full"]
    assert changes == ["strict"], "neither side of it is measured leniently"
    lines = [(line["model"], line["precision"], line["extraction"]) for line in score_table(scores)]
    assert lines == [
        *(("base", "full", rule) for rule in ("strict", "lenient")),
        *(("student", precision, rule) for precision in ("full", "nf4") for rule in ("strict", "lenient")),
    ]


def test_without_a_lenient_reading_of_both_the_gain_is_strict() -> None:
    base = read([[WRONG], [WRONG]], [[RIGHT], [RIGHT]])
    scores = scores_of("b", {BASE: base, STUDENT: read([[RIGHT], [RIGHT]])}, None)
    assert [score.extraction for score in scores if score.metric == "gain_over_base"] == ["strict"]


def test_the_headline_is_by_one_rule() -> None:
    base, student = ScoreRow("base", "full", "lenient"), ScoreRow("student", "full", "lenient")
    assert headline([base, student]) == (base, student)
    assert headline([base]) == (ScoreRow("base", "full"), ScoreRow("student", "full"))
    assert str(base) == "base full, lenient"


def test_a_model_that_answers_nothing_has_figures_and_reasons(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    traces = [
        make_trace(prompt=f"p{at // 2}", sample_index=at % 2, answer="", finish_reason=CUT_OFF, verdicts=[cut])
        for at, cut in enumerate([Verdict("format", "1", "fail", "truncated")] * 8)
    ]
    write_rows(folder / "judged.parquet", traces, TRACE_READ)
    scores = scores_of("b", {STUDENT: read_readings(folder)}, None)
    found = {score.metric: score for score in scores}
    ones = ("no_answer", "truncated")
    zeros = ("pass@1", "pass@2", "maj@2", "unknown", "looped")
    assert {name: found[name].value for name in (*ones, *zeros)} == dict.fromkeys(ones, 1) | dict.fromkeys(zeros, 0)
    assert found["tokens_right"].why == "not computed: no sample is right"
    assert found["tokens_wrong"].value == 12
    assert all(score.why for score in scores if score.value is None)


def test_where_verdicts_are_missing_metrics_of_k_samples_say_so() -> None:
    scores = scores_of("b", {STUDENT: read([[RIGHT, UNKNOWN], [RIGHT, RIGHT]])}, None)
    (found,) = (score for score in scores if score.metric == "pass@2")
    assert found.why == "not computed: 1 problems have fewer than 2 samples with a verdict"
