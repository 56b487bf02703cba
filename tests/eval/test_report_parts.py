"""Terminals get aligned tables."""

from eval.report.charts import accuracy_chart
from eval.report.tables import markdown_scores, score_columns, score_table, text_table
from records.rows import Score


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
