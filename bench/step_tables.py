"""The tables of bench/process_scorer.py."""

import math
from collections import defaultdict
from collections.abc import Sequence

from bench.first_errors import Found, chance, figures, shown
from bench.step_methods import TRAINED

Rows = dict[tuple[str, str], list[Found]]
"""What each method says of the solutions of each set."""


def merged(parts: Sequence[Rows]) -> Rows:
    """Put the solutions of several trainings side by side. Only their ranks within set and training can be compared, so
    these take the place of the scores."""
    rows: Rows = defaultdict(list)
    for part in parts:
        for key, said in part.items():
            rows[key] += ranked(said)
    return rows


def ranked(said: Sequence[Found]) -> list[Found]:
    order = {score: at for at, score in enumerate(sorted({one.score for one in said}))}
    return [
        Found(one.problem, one.wrong, one.said, order[one.score] / max(1, len(order) - 1), one.steps) for one in said
    ]


def table(rows: Rows, parts: Sequence[Rows]) -> list[str]:
    """Return the table of all sets in Markdown, with the AUC of each training."""
    lines = ["| solutions | n | wrong | who | found | right | F1 | all | AUC | of each seed |"]
    lines.append("|---|--:|--:|---|--:|--:|--:|---|---|---|")
    before = ""
    for (name, method), said in sorted(rows.items(), key=lambda item: item[0][0]):
        found = figures(said)
        head = f"{name} | {found.n:,} | {found.wrong:,}" if name != before else " | | "
        each = [figures(part[name, method]).auc for part in parts if (name, method) in part]
        seeds = ", ".join(number(one.value) for one in each) if method in TRAINED else ""
        note = f" ({chance(said):.3f} expected)" if method == "random" else ""
        lines.append(
            f"| {head} | {method} | {number(found.found)} | {number(found.kept)} | {number(found.f1)} | "
            f"{found.accuracy:.3f}{note} | {shown(found.auc)} | {seeds} |"
        )
        before = name
    return lines


def number(value: float | None) -> str:
    return "none" if value is None or math.isnan(value) else f"{value:.3f}"
