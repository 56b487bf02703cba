"""Draws the curves of test-time compute, those that belong together in one chart."""

from dataclasses import dataclass
from itertools import cycle

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
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
    "search": "searches and plain draws",
    "search_optimal": "compute-optimal choice by difficulty",
}
"""Titles of the charts, in the order in which they are shown."""
OVER_DOUBLINGS = ("thinking", "samples", "allocation", "rerank", "search", "search_optimal")
"""Charts whose x doubles from point to point."""
COLOURS = ("first", "second", "base")
MARKERS = "s^DvP*X<>h"
"""Of searches, which are single points."""


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
    first, lines = curves[0], [curve for curve in curves if not is_search(curve)]
    rows = [row for curve in curves for row in point_rows(curve)]
    named = zip(lines, COLOURS, strict=False)
    return ScalingPanel(
        benchmark=first.benchmark,
        title=f"{first.model} {first.precision}: {TITLES[first.chart]}" + (f", {first.scorer}" * bool(first.scorer)),
        legend={one.name.partition(":")[0]: colour for one, colour in named} if len(lines) > 1 else {},
        chart=scaling_chart(curves),
        facts=[fact for curve in lines for fact in facts_of(curve)],  # a table tells those of searches
        columns=COLUMNS,
        rows=[[row.get(column, "") for column in COLUMNS] for row in rows],
    )


def scaling_chart(curves: list[Curve]) -> Markup:
    """Draw a line with its 95 % intervals for each curve. Points that were not computed are left out."""
    with rc_context(CHART_STYLE):
        figure = Figure(figsize=(4.6, 2.8), layout="constrained")
        axes = figure.subplots()
        for curve, colour in zip((one for one in curves if not is_search(one)), COLOURS, strict=False):
            there = [point for point in curve.points if point.value is not None]
            x, y = [point.x for point in there], [100 * (point.value or 0) for point in there]
            low, high = [100 * (point.low or 0) for point in there], [100 * (point.high or 0) for point in there]
            axes.plot(x, y, color=PAINT[colour], linewidth=1.4, marker="o", markersize=3)
            axes.fill_between(x, low, high, color=PAINT[colour], alpha=0.15, linewidth=0)
        draw_searches(axes, [curve for curve in curves if is_search(curve)])
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


def is_search(curve: Curve) -> bool:
    """Return True for a search, which is a single point beside the lines of plain draws."""
    return curve.chart == "search" and len(curve.points) == 1


def draw_searches(axes: Axes, searches: list[Curve]) -> None:
    """Draw each search as a point of its own shape with its 95 % interval, and name the shapes."""
    for curve, marker in zip(searches, cycle(MARKERS)):
        [point] = curve.points
        if point.value is None or point.low is None or point.high is None:
            continue
        value, below, above = (100 * one for one in (point.value, point.value - point.low, point.high - point.value))
        axes.errorbar(
            point.x,
            value,
            yerr=[[below], [above]],
            fmt=marker,
            color=PAINT["ink"],
            markersize=4,
            elinewidth=0.6,
            label=curve.name,
        )
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=7, frameon=False, loc="best")
