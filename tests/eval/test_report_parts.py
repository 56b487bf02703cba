"""The report shows the right traces, and terminals get aligned tables."""

from pathlib import Path

import pytest
from conftest import make_trace

from eval.report.charts import accuracy_chart
from eval.report.samples import SAMPLES, Lengths, lengths_and_samples
from eval.report.tables import markdown_scores, score_columns, score_table, text_table
from records.parquet import TRACE, write_rows
from records.rows import Score, Trace, Verdict


def judged(index: int, reason: str = "") -> Trace:
    verdict = Verdict("math", "1", "fail" if reason else "pass", reason)
    return make_trace(sample_index=index, completion_tokens=10 * index, verdicts=[Verdict("a", "1", "pass"), verdict])


def test_samples_are_half_accepted_and_one_per_reason(tmp_path: Path) -> None:
    reasons = ["", "", "truncated", "", "", "truncated", "wrong_answer"]
    write_rows(tmp_path / "judged.parquet", [judged(at, reason) for at, reason in enumerate(reasons)], TRACE)
    lengths, samples = lengths_and_samples(tmp_path)
    assert lengths == Lengths(accepted=[0, 10, 30, 40], rejected=[20, 50, 60])
    assert [trace.sample_index for trace in samples] == [0, 1, 3, 2, 6]


@pytest.mark.parametrize("n_reasons", [2, 3, 4])
def test_no_more_samples_than_the_page_has_room_for(tmp_path: Path, n_reasons: int) -> None:
    rows = [judged(at, f"reason_{at}" if at < n_reasons else "") for at in range(12)]
    write_rows(tmp_path / "judged.parquet", rows, TRACE)
    _, samples = lengths_and_samples(tmp_path)
    assert len(samples) == min(SAMPLES, SAMPLES // 2 + n_reasons)
    assert [trace.accepted for trace in samples[:3]] == [True] * 3


def test_a_row_of_scores_as_text() -> None:
    row = {"benchmark": "b", "model": "student", "precision": "nf4", "n_problems": 30, "n_samples": 60}
    scores = [
        Score(metric="pass@1", value=0.8213, low=0.7871, high=0.8512, **row),  # type: ignore[arg-type]
        Score(metric="change_from_full", value=-0.0167, low=-0.0354, high=0.00001, **row),  # type: ignore[arg-type]
    ]
    assert score_table(scores) == [
        {
            **{"benchmark": "b", "model": "student", "precision": "nf4", "extraction": "strict", "problems": "30"},
            **{"pass@1": "82.1% [78.7, 85.1]", "change_from_full": "−1.7 points [−3.5, +0.0]"},
        }
    ]
    assert score_columns(scores)[5:] == ("pass@1", "change_from_full")
    assert "| 82.1% [78.7, 85.1] |" in markdown_scores(scores)
    assert text_table(score_table(scores), score_columns(scores)).splitlines()[0].split() == [
        *("benchmark", "model", "precision", "extraction", "problems", "pass@1", "change_from_full")
    ]


def test_any_model_has_a_bar() -> None:
    names = ("base", "student", "teacher", "last-year")
    chart = accuracy_chart([Score("b", name, "full", "pass@1", 0.5, 0.4, 0.6, 9, 9) for name in names])
    assert all(f"{name} full" in chart for name in names)
