"""Scores and traces in the forms that people read: the terminal's table, the card's, the report's samples."""

import json
from pathlib import Path
from typing import Any

from records.parquet import read_traces
from records.rows import Score, Trace

SAMPLES = 6


def read_scores(folder: Path) -> list[Score]:
    return [Score(**row) for row in json.loads((folder / "scores.json").read_text())]


def score_table(scores: list[Score]) -> list[dict[str, str]]:
    """One row per benchmark, model and precision, as text."""
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for score in scores:
        key = (score.benchmark, score.model, score.precision)
        row = rows.setdefault(key, dict(zip(("benchmark", "model", "precision"), key, strict=True)))
        row[score.metric] = shown(score)
        if score.metric == "pass@1":
            row["problems"] = str(score.n_problems)
    return list(rows.values())


def shown(score: Score) -> str:
    if score.metric == "completion_tokens":
        return f"{score.value:.0f}"
    if score.metric in ("gain_over_base", "change_from_full"):
        return f"{100 * score.value:+.1f} [{100 * score.low:+.1f}, {100 * score.high:+.1f}]"
    return f"{100 * score.value:.1f} % [{100 * score.low:.1f}, {100 * score.high:.1f}]"


COLUMNS = (
    *("benchmark", "model", "precision", "problems", "pass@1", "gain_over_base", "change_from_full"),
    *("truncated", "no_answer", "completion_tokens"),
)


def markdown_scores(scores: list[Score]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row.get(column, "") for column in COLUMNS) + " |" for row in score_table(scores)]
    return "\n".join(lines)


def text_table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """Aligned columns for a terminal; columns without any value are left out."""
    used = [column for column in columns if any(row.get(column) for row in rows)]
    cells = [used] + [[str(row.get(column, "")) for column in used] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(used))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines)


def lengths_and_samples(judged: Path) -> tuple[dict[str, list[int]], list[Trace]]:
    """Completion tokens of accepted and rejected traces, and a handful of traces: accepted ones and one per reason."""
    lengths: dict[str, list[int]] = {"accepted": [], "rejected": []}
    samples: dict[str, Trace] = {}
    accepted: list[Trace] = []
    for trace in read_traces(judged):
        lengths["accepted" if trace.accepted else "rejected"].append(trace.completion_tokens)
        if trace.accepted and len(accepted) < SAMPLES // 2:
            accepted.append(trace)
        elif not trace.accepted:
            reason = next(verdict.reason for verdict in trace.verdicts if verdict.outcome != "pass")
            samples.setdefault(reason, trace)
    return lengths, [*accepted, *samples.values()][:SAMPLES]
