"""Reads scores and formats them for people. METRICS lists all metrics in the order of the tables' columns."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from records.clean import clean_row
from records.rows import Score


@dataclass(frozen=True, slots=True)
class Format:
    """The form in which the values of a metric are shown."""

    heading: str
    scale: int
    digits: str
    """A format specification; its `z` keeps a small loss from being shown as -0.0."""
    unit: str


def share(heading: str) -> Format:
    return Format(heading, 100, "z.1f", "%")


METRICS = {
    "pass@1": share("pass@1"),
    "pass@k": share("pass@{k}"),
    "g_pass@k": share("G-Pass@{k}"),
    "maj@k": share("maj@{k}"),
    "best_of@k": share("best of {k}"),
    "truncated": share("truncated"),
    "no_answer": share("no answer"),
    "unknown": share("unknown"),
    "looped": share("looped"),
    "gain_over_base": Format("gain over base", 100, "+z.1f", " points"),
    "gap_to_teacher": Format("gap to teacher", 100, "+z.1f", " points"),
    "change_from_full": Format("change from full", 100, "+z.1f", " points"),
    "tokens": Format("completion tokens", 1, ",.0f", ""),
    "tokens_right": Format("tokens of right answers", 1, ",.0f", ""),
    "tokens_wrong": Format("tokens of wrong answers", 1, ",.0f", ""),
    "agreement": share("agreement with transformers"),
    "cross_check": Format("transformers, difference", 100, "+z.1f", " points"),
    "cross_check_tokens": Format("transformers, difference of tokens", 1, "+,.1f", ""),
}
"""Formats by metric; a metric of k samples, such as pass@8 or g_pass@8_0.5, has that of its family, pass@k."""
AT = re.compile(r"@(\d+)(_[\d.]+)?$")
"""`@8_0.5` of g_pass@8_0.5."""


def family(metric: str) -> str:
    return metric if metric in METRICS else AT.sub("@k", metric)


def in_order(metrics: Iterable[str]) -> list[str]:
    """Sort metrics as the tables show them. Errors: ValueError for a metric that METRICS lacks."""
    families = list(METRICS)

    def place(metric: str) -> tuple[int, int, str]:
        found = AT.search(metric)
        return families.index(family(metric)), int(found.group(1)) if found else 0, metric

    return sorted(set(metrics), key=place)


def heading(metric: str) -> str:
    """Return the heading of a metric's column."""
    found = AT.search(metric)
    return METRICS[family(metric)].heading.format(k=found.group().lstrip("@").replace("_", " ≥ ") if found else "")


def shown(score: Score) -> str:
    """Format a score's value, such as `82.1%`, or why there is none."""
    return score.why if score.value is None else formatted(score.metric, score.value)


def formatted(metric: str, value: float, with_unit: bool = True) -> str:
    form = METRICS[family(metric)]
    return f"{form.scale * value:{form.digits}}{form.unit if with_unit else ''}".replace("-", "−")


def interval(score: Score) -> str:
    """Format a score's interval, such as `[78.7, 85.1]`; empty if it was not computed."""
    if score.low is None or score.high is None:
        return ""
    return f"[{formatted(score.metric, score.low, False)}, {formatted(score.metric, score.high, False)}]"


def evidence(score: Score) -> str:
    """Format what stands beside a difference: its p-value, the smallest difference that as many problems and samples
    would show (power 80 %, level 5 %), and that it mixes runtimes; empty for other metrics."""
    if score.p is None or score.detectable is None:
        return ""
    return "; ".join(filter(None, [p_value(score.p), f"shows {100 * score.detectable:.1f} points", score.why]))


def p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def read_scores(folder: Path) -> list[Score]:
    rows = json.loads((folder / "scores.json").read_text(), object_hook=clean_row)
    return [Score(**row) for row in rows]
