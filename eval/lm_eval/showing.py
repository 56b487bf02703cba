"""Formats the comparison with lm-eval for the terminal and as JSON."""

from dataclasses import asdict
from typing import Any

from eval.lm_eval.agreement import Item
from eval.lm_eval.task import Task
from eval.metrics.estimate import Estimate
from eval.report.estimates import COLUMNS, estimate_rows
from eval.report.tables import text_table

MOST = 20
"""Disagreements that the terminal lists; the JSON has all."""
SHOWN = 40
"""Characters of an answer that the terminal shows, from its end, where the result stands."""
TOLD = ("difference", "lost", "gained", "worse", "better", "smallest_difference")


def as_text(task: Task, items: list[Item], estimates: list[Estimate]) -> str:
    told = [one for one in estimates if one.metric in TOLD or "@" in one.metric or one.metric.startswith("lm_eval:")]
    different = [item for item in items if not item.agrees]
    parts = [text_table(estimate_rows(told), COLUMNS), text_table(agreement_rows(items), ("problems", "count"))]
    if different:
        shown = [item_row(item) for item in different[:MOST]]
        parts.append(text_table(shown, ("problem", "reference", "ours", "lm-eval's", "right", "lm-eval", "why")))
    if len(different) > MOST:
        parts.append(f"… and {len(different) - MOST} more; --json OUT has all")
    if task.sampling.temperature > 0:
        parts.append(
            "The run drew its completions at a temperature: they differ by chance, and only the scores compare."
        )
    return "\n\n".join(parts)


def agreement_rows(items: list[Item]) -> list[dict[str, str]]:
    """Return in how many problems the answers and the verdicts agree."""
    counts = {
        "compared": len(items),
        "same answer, word for word": sum(item.alike for item in items),
        "same verdict": sum(item.agrees for item in items),
        "both right": sum(item.right and item.their_metric for item in items),
        "only ours right": sum(item.right and not item.their_metric for item in items),
        "only lm-eval's right": sum(item.their_metric and not item.right for item in items),
        "same verdict if we judge lm-eval's answer": sum(item.right == item.their_answer_right for item in items),
    }
    return [{"problems": name, "count": f"{count:,}"} for name, count in counts.items()]


def item_row(item: Item) -> dict[str, str]:
    return {
        "problem": item.problem_id,
        "reference": end_of(item.reference),
        "ours": end_of(item.ours),
        "lm-eval's": end_of(item.theirs),
        "right": "yes" if item.right else "no",
        "lm-eval": "yes" if item.their_metric else "no",
        "why": item.why,
    }


def end_of(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHOWN else f"…{words[-SHOWN:]}"


def as_json(items: list[Item], estimates: list[Estimate]) -> dict[str, Any]:
    """Return the rows of figures and one row for each problem."""
    rows = [asdict(item) | {"same_answer": item.alike, "same_verdict": item.agrees, "why": item.why} for item in items]
    return {"figures": [asdict(estimate) for estimate in estimates], "items": rows}
