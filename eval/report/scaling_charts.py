"""Draws the curves of test-time compute, those that belong together in one chart."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from eval.report.charts import CHART_STYLE, PAINT, svg
from eval.report.scaling_text import COLUMNS, amount, facts_of, point_rows
from eval.scaling.curve import Curve

TITLES = {
    "thinking": "accuracy against thinking",
    "samples": "what k samples are worth",
    "allocation": "samples by difficulty",
    "cascade": "student first, teacher if it is unsure",
    "cascade_cost": "the same by cost",
    "rerank": "choosing among k samples",
    "calibration": "scores and verdicts",
}
"""Titles of the charts, in the order in which they are shown."""
OVER_DOUBLINGS = ("thinking", "samples", "allocation", "rerank")
"""Charts whose x doubles from point to point."""
COLOURS = ("first", "second", "base")


@dataclass(frozen=True, slots=True)
class ScalingPanel:
    """A chart of test-time compute as the page shows it. Made by `scaling_panels`."""

    benchmark: str
    title: str
    legend: dict[str, str]
    """CSS colour by the short name of the curve, without what follows a colon."""
    chart: Markup
    facts: list[str]
    columns: tuple[str, ...]
    rows: list[list[str]]
    """The points, cell by cell."""


def scaling_panels(curves: list[Curve]) -> list[ScalingPanel]:
    """Return a panel for each benchmark, model, scorer and chart."""
    places = list(dict.fromkeys((one.benchmark, one.model, one.precision, one.scorer) for one in curves))
    groups = [
        [one for one in curves if (one.benchmark, one.model, one.precision, one.scorer, one.chart) == (*place, chart)]
        for place in places
        for chart in TITLES
    ]
    return [panel_of(group) for group in groups if group]


def panel_of(curves: list[Curve]) -> ScalingPanel:
    first = curves[0]
    rows = [row for curve in curves for row in point_rows(curve)]
    named = zip(curves, COLOURS, strict=False)
    return ScalingPanel(
        benchmark=first.benchmark,
        title=f"{first.model} {first.precision}: {TITLES[first.chart]}" + (f", {first.scorer}" * bool(first.scorer)),
        legend={one.name.partition(":")[0]: colour for one, colour in named} if len(curves) > 1 else {},
        chart=scaling_chart(curves),
        facts=[fact for curve in curves for fact in facts_of(curve)],
        columns=COLUMNS,
        rows=[[row.get(column, "") for column in COLUMNS] for row in rows],
    )


def scaling_chart(curves: list[Curve]) -> Markup:
    """Draw a line with its 95 % intervals for each curve. Points that were not computed are left out."""
    with rc_context(CHART_STYLE):
        figure = Figure(figsize=(4.6, 2.8), layout="constrained")
        axes = figure.subplots()
        for curve, colour in zip(curves, COLOURS, strict=False):
            there = [point for point in curve.points if point.value is not None]
            x, y = [point.x for point in there], [100 * (point.value or 0) for point in there]
            low, high = [100 * (point.low or 0) for point in there], [100 * (point.high or 0) for point in there]
            axes.plot(x, y, color=PAINT[colour], linewidth=1.4, marker="o", markersize=3)
            axes.fill_between(x, low, high, color=PAINT[colour], alpha=0.15, linewidth=0)
        if curves[0].chart in OVER_DOUBLINGS and all(point.x > 0 for curve in curves for point in curve.points):
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_locator(LogLocator(base=2, numticks=7))
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: amount(value)))
        if curves[0].chart == "calibration":  # a score that is the chance to be right lies on the diagonal
            axes.plot([0, 1], [0, 100], color=PAINT["base"], linewidth=0.8, linestyle=":")
        axes.set(xlabel=curves[0].x, ylabel="accuracy, %")
        axes.grid(axis="y")
        return svg(figure)
