"""Formats tables outside the HTML report: for the terminal, Prefect and the model card."""

from collections.abc import Sequence
from typing import Any

from eval.metrics.formats import evidence, in_order, interval, shown
from records.markdown import in_cell
from records.rows import Score

KEYS = ("benchmark", "model", "precision", "extraction", "problems")


def score_columns(scores: list[Score]) -> tuple[str, ...]:
    """Return the columns of the table of these scores."""
    return (*KEYS, *in_order(score.metric for score in scores if not score.group))


def score_table(scores: list[Score]) -> list[dict[str, str]]:
    """Return one row of text per benchmark, variant and rule of extraction. Scores of a benchmark's groups are left
    out."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for score in (score for score in scores if not score.group):
        key = (score.benchmark, score.model, score.precision, score.extraction)
        row = rows.setdefault(key, dict(zip(KEYS, key, strict=False)))
        told = " ".join(filter(None, (shown(score), interval(score))))
        row[score.metric] = f"{told} ({evidence(score)})" if evidence(score) else told
        if score.metric == "pass@1":
            row["problems"] = str(score.n_problems)
    return list(rows.values())


def markdown_scores(scores: list[Score]) -> str:
    return markdown_table(score_table(scores), score_columns(scores))


def markdown_table(rows: list[dict[str, str]], columns: Sequence[str]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(in_cell(row.get(column, "")) for column in columns) + " |" for row in rows]
    return "\n".join(lines)


def text_table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """Return aligned columns for a terminal, without columns that hold no value."""
    used = [column for column in columns if any(row.get(column) for row in rows)]
    cells = [used] + [[str(row.get(column, "")) for column in used] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(used))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines)
