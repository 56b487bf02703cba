"""Says in words what was computed about a curve, for the page and for a terminal."""

from eval.metrics.estimate import Estimate
from eval.metrics.formats import p_value
from eval.report.scorer_text import SENTENCES
from eval.scaling.curve import Curve, Point
from eval.scaling.log_linear import INTERCEPT, SLOPE

ENOUGH, OVERTHINKING = "enough: ", "overthinking: "
COLUMNS = ("curve", "at", "x", "accuracy", "95% interval", "problems", "samples")


def facts_of(curve: Curve) -> list[str]:
    """Return a sentence for each fact; the intercept is only there to draw the line."""
    return [sentence(fact) for fact in curve.facts if fact.metric != INTERCEPT]


def sentence(fact: Estimate) -> str:
    if fact.value is None:
        return f"{fact.metric}: {fact.why}"
    if fact.metric in SENTENCES:
        return SENTENCES[fact.metric](fact)
    if fact.metric == SLOPE:
        return f"Each doubling of the tokens changes accuracy by {points(fact)}."
    if fact.metric.startswith(ENOUGH):
        budget = fact.metric.removeprefix(ENOUGH)
        return f"No larger budget is shown to be better than {budget} ({fact.value:,.0f} tokens on average)."
    if fact.metric.startswith(OVERTHINKING):
        return f"Overthinking: {fact.metric.removeprefix(OVERTHINKING)} is {points(fact)}."
    return f"{fact.metric[0].upper()}{fact.metric[1:]}: {points(fact)}."


def points(fact: Estimate) -> str:
    """Format a difference of shares in points, with its interval and p-value."""
    bounds = f" [{signed(fact.low)}, {signed(fact.high)}]" if fact.low is not None and fact.high is not None else ""
    return f"{signed(fact.value or 0.0)} points{bounds}" + (f", {p_value(fact.p)}" if fact.p is not None else "")


def signed(value: float) -> str:
    return f"{100 * value:+z.1f}".replace("-", "−")


def point_rows(curve: Curve) -> list[dict[str, str]]:
    """Return one row of text per point, by column."""
    return [point_row(curve, point) for point in curve.points]


def point_row(curve: Curve, point: Point) -> dict[str, str]:
    row = {"curve": curve.name, "at": point.label, "x": amount(point.x)}
    if point.value is None:
        return row | {"accuracy": point.why}
    row["accuracy"] = f"{100 * point.value:.1f}%"
    if point.low is not None and point.high is not None:
        row["95% interval"] = f"[{100 * point.low:.1f}, {100 * point.high:.1f}]"
    return row | {"problems": f"{point.n_problems:,}", "samples": f"{point.n_samples:,}"}


def amount(x: float) -> str:
    return f"{x:,.0f}" if x >= 10 or x == int(x) else f"{x:.3g}"
