"""Draws the report's charts as SVG that takes its colours from the page, and the accuracy also as PNG."""

import re
from io import BytesIO, StringIO
from typing import Any

from markupsafe import Markup
from matplotlib import rc_context, rcdefaults
from matplotlib.figure import Figure

from eval.metrics.formats import shown
from eval.report.score_row import ScoreRow
from eval.variants import in_order
from records.rows import Score

CSS_COLOURS = ("ink", "quiet", "line", "surface", "base", "student", "accepted", "rejected", "first", "second")
PAINT = {name: f"#{n:02x}{n:02x}{n:02x}" for n, name in enumerate(CSS_COLOURS, 1)}
"""Placeholder colours for CSS variables, which matplotlib lacks. `svg` replaces them, so charts follow light or dark
mode."""
PNG_PAINT = {"ink": "#1b1f26", "quiet": "#5d6675", "line": "#dde1e7", "base": "#8b95a5", "student": "#2f6fd0"}
PNG_PAINT |= {"first": "#2f6fd0", "second": "#d9813a"}
"""The colours of the page in light mode."""
PNG_DPI = 160
INHERITED = 'stroke-linejoin="round" stroke-linecap="butt"'
"""What matplotlib's style element sets for all shapes."""
rcdefaults()  # a matplotlibrc in the working directory is taken else: charts would differ, and TeX may run what it says
CHART_STYLE: Any = {"svg.hashsalt": "retort", "svg.fonttype": "none", "text.parse_math": False, "axes.axisbelow": True}
CHART_STYLE |= dict.fromkeys(["axes.spines.top", "axes.spines.right"], False)
CHART_STYLE |= dict.fromkeys(["axes.edgecolor", "grid.color", "xtick.color", "ytick.color"], PAINT["line"])
CHART_STYLE |= dict.fromkeys(["axes.labelcolor", "xtick.labelcolor"], PAINT["quiet"])
CHART_STYLE |= dict.fromkeys(["text.color", "ytick.labelcolor"], PAINT["ink"])


def accuracy_chart(scores: list[Score]) -> Markup:
    """Draw a bar with its 95 % interval for each model and precision whose accuracy was computed."""
    with rc_context(CHART_STYLE):
        return svg(accuracy_figure(scores, PAINT))


def accuracy_png(scores: list[Score]) -> bytes:
    """Draw the same on white, for pages that show no SVG. Equal input gives equal bytes."""
    colours = {key: PNG_PAINT[name] for key, value in CHART_STYLE.items() for name in PAINT if PAINT[name] == value}
    buffer = BytesIO()
    with rc_context(CHART_STYLE | colours):
        figure = accuracy_figure(scores, PNG_PAINT)
        figure.savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return buffer.getvalue()


def accuracy_pngs(scores: list[Score]) -> dict[str, bytes]:
    """Draw the accuracies of every benchmark that has any, by a file name that needs no quoting."""
    found = {}
    for benchmark in dict.fromkeys(score.benchmark for score in scores):
        rows = accuracies([score for score in scores if score.benchmark == benchmark])
        if any(score.value is not None for score in rows):
            found[f"accuracy-{re.sub(r'[^A-Za-z0-9_.+-]', '_', benchmark)}.png"] = accuracy_png(rows)
    return found


def accuracies(scores: list[Score]) -> list[Score]:
    """Return the accuracy of every variant over all problems, in the order of the tables."""
    found = [score for score in scores if score.metric == "pass@1" and not score.group]
    ranks = {variant: at for at, variant in enumerate(in_order(score.variant for score in scores))}
    return sorted(found, key=lambda score: ranks[score.variant])


def accuracy_figure(scores: list[Score], paint: dict[str, str]) -> Figure:
    scores = [score for score in scores if score.value is not None]
    figure = Figure(figsize=(9, 0.7 + 0.36 * len(scores)), layout="constrained")
    axes = figure.subplots()
    rows = range(len(scores))
    lows = [100 * (score.low or 0) for score in scores]
    highs = [100 * (score.high or 0) for score in scores]
    colours = [paint.get(score.model, paint["second"]) for score in scores]
    axes.barh(rows, [100 * (score.value or 0) for score in scores], height=0.6, color=colours)
    axes.hlines(rows, lows, highs, color=paint["ink"], linewidth=1.2)
    axes.plot([*lows, *highs], [*rows, *rows], "|", color=paint["ink"], markersize=7)
    for row, score in enumerate(scores):
        axes.text(1.01, row, shown(score), va="center", transform=axes.get_yaxis_transform())
    axes.set_yticks(rows, [str(ScoreRow.of(score)) for score in scores])
    axes.set_ylim(len(scores) - 0.5, -0.5)
    right = min(100, max([1, *(1.1 * high for high in highs)]))
    axes.set(xlim=(0, right), xlabel="pass@1, % (lines: 95% interval)")
    axes.grid(axis="x")
    return figure


def lengths_chart(lengths: dict[str, list[int]]) -> Markup:
    """Draw a stacked histogram of the completion tokens under the keys `accepted` and `rejected`."""
    with rc_context(CHART_STYLE):
        figure = Figure(figsize=(9, 2.8), layout="constrained")
        axes = figure.subplots()
        axes.set_prop_cycle(color=[PAINT[kind] for kind in lengths])
        axes.hist(list(lengths.values()), bins=40, stacked=True, edgecolor=PAINT["surface"])
        axes.set(xlim=(0, None), xlabel="completion tokens", ylabel="traces")
        axes.locator_params(integer=True)
        axes.grid(axis="y")
        return svg(figure)


def svg(figure: Figure) -> Markup:
    """Return the figure as an `<svg>` element without a date, with the page's colours, and without style elements and
    attributes, which the page's content security policy forbids."""
    buffer = StringIO()
    no_metadata = dict.fromkeys(["Creator", "Date", "Format", "Type"])
    figure.savefig(buffer, format="svg", transparent=True, metadata=no_metadata)
    text = re.sub(r"<style.*?</style>", "", buffer.getvalue().partition("<svg")[2], flags=re.DOTALL)
    # The page's CSS sets the sizes, and the ids of groups would repeat from chart to chart.
    text = re.sub(r' (width|height)="[\d.]+pt"|(?<=<g) id="\w+"', "", text)
    text = re.sub(r' style="([^"]*)"', lambda found: as_attributes(found[1]), text)
    for name, colour in PAINT.items():
        text = text.replace(colour, f"var(--{name})")
    return Markup(f"<svg {INHERITED}{text}")


def as_attributes(style: str) -> str:
    """Turn `font-size: 10px; font-family: 'DejaVu Sans'; fill: #010101` into ` font-size="10px" fill="#010101"`: the
    page sets the family."""
    pairs = [[part.strip() for part in declaration.split(":")] for declaration in style.split(";")]
    return "".join(f' {name}="{value}"' for name, value in pairs if name != "font-family")
