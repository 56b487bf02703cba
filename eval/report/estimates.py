"""Formats the estimates of `retort score` for a terminal."""

from eval.metrics.comparison import DIFFERENCE
from eval.metrics.estimate import Estimate

COLUMNS = ("metric", "value", "95% interval", "problems", "samples", "p")
COUNTS = ("right", "problems_for_one_point", "samples_for_one_point", "lost", "gained", "worse", "better")


def estimate_rows(estimates: list[Estimate]) -> list[dict[str, str]]:
    """Return one row of text per estimate."""
    return [estimate_row(estimate) for estimate in estimates]


def estimate_row(estimate: Estimate) -> dict[str, str]:
    if estimate.value is None:
        return {"metric": estimate.metric, "value": estimate.why}
    row = {"metric": estimate.metric, "value": text_of(estimate.metric, estimate.value)}
    if estimate.low is not None and estimate.high is not None:
        row["95% interval"] = f"[{text_of(estimate.metric, estimate.low)}, {text_of(estimate.metric, estimate.high)}]"
    row |= {"problems": f"{estimate.n_problems:,}", "samples": f"{estimate.n_samples:,}"}
    return row if estimate.p is None else row | {"p": f"{estimate.p:.2g}"}


def text_of(metric: str, value: float) -> str:
    """Format a value: shares in percent, differences in points with a sign, tokens and counts as they are."""
    name = metric.removeprefix("against:").partition("|")[0]
    if "tokens" in name:
        return f"{value:{'+' if name.startswith(DIFFERENCE) else ''},.0f}".replace("-", "−")
    if name in COUNTS:
        return f"{value:,.0f}"
    if name.startswith(DIFFERENCE):
        return f"{100 * value:+z.2f}".replace("-", "−")
    if name.startswith(("standard_error", "smallest")):
        return f"{100 * value:.2f} points"
    return f"{100 * value:.2f}%"
