"""Formats tables outside the HTML report: for the terminal, Prefect and the model card."""

from typing import Any

from eval.metrics.formats import METRICS, interval, shown
from records.rows import Score

COLUMNS = ("benchmark", "model", "precision", "problems", *METRICS)


def score_table(scores: list[Score]) -> list[dict[str, str]]:
    """Return one row of text per benchmark and variant."""
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for score in scores:
        key = (score.benchmark, score.model, score.precision)
        row = rows.setdefault(key, dict(zip(("benchmark", "model", "precision"), key, strict=True)))
        row[score.metric] = f"{shown(score)} {interval(score)}"
        if score.metric == "pass@1":
            row["problems"] = str(score.n_problems)
    return list(rows.values())


def markdown_scores(scores: list[Score]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row.get(column, "") for column in COLUMNS) + " |" for row in score_table(scores)]
    return "\n".join(lines)


def text_table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """Return aligned columns for a terminal, without columns that hold no value."""
    used = [column for column in columns if any(row.get(column) for row in rows)]
    cells = [used] + [[str(row.get(column, "")) for column in used] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(used))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines)
