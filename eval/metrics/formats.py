"""Reads scores and formats them for people. METRICS lists all metrics in the order of the tables' columns."""

import json
from dataclasses import dataclass
from pathlib import Path

from records.rows import Score


@dataclass(frozen=True, slots=True)
class Format:
    """The form in which the values of a metric are shown."""

    heading: str
    scale: int
    digits: str
    """A format specification; its `z` keeps a small loss from being shown as -0.0."""
    unit: str


METRICS = {
    "pass@1": Format("pass@1", 100, "z.1f", "%"),
    "truncated": Format("truncated", 100, "z.1f", "%"),
    "no_answer": Format("no answer", 100, "z.1f", "%"),
    "gain_over_base": Format("gain over base", 100, "+z.1f", " points"),
    "change_from_full": Format("change from full", 100, "+z.1f", " points"),
    "completion_tokens": Format("completion tokens", 1, ",.0f", ""),
}


def shown(score: Score) -> str:
    """Format a score's value, such as `82.1%`."""
    form = METRICS[score.metric]
    return f"{form.scale * score.value:{form.digits}}{form.unit}".replace("-", "−")


def interval(score: Score) -> str:
    """Format a score's interval, such as `[78.7, 85.1]`."""
    form = METRICS[score.metric]
    return f"[{form.scale * score.low:{form.digits}}, {form.scale * score.high:{form.digits}}]".replace("-", "−")


def read_scores(folder: Path) -> list[Score]:
    return [Score(**row) for row in json.loads((folder / "scores.json").read_text())]
