"""One HTML page about a run: scores, what became of the traces, their cost and lengths, samples, lineage. It loads
nothing."""

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from eval.report.accounts import COLUMNS, account_rows, sampling_facts
from records.files import sync
from records.rows import Score, Trace

METRICS = {
    "pass@1": ("pass@1", 100, "z.1f", "%"),
    "truncated": ("truncated", 100, "z.1f", "%"),
    "no_answer": ("no answer", 100, "z.1f", "%"),
    "gain_over_base": ("gain over base", 100, "+z.1f", " points"),
    "change_from_full": ("change from full", 100, "+z.1f", " points"),
    "completion_tokens": ("completion tokens", 1, ",.0f", ""),
}
"""Each metric's heading, scale, number format and unit, in the order of the table's columns."""
CUT_CHARS = 4000
"""A sample's texts are shown up to here, so that a 32k-token trace does not drown the page."""
CSS_COLOURS = ("ink", "quiet", "line", "surface", "base", "student", "accepted", "rejected")
PAINT = {name: f"#0{n}0{n}0{n}" for n, name in enumerate(CSS_COLOURS, 1)}
"""Stand-ins for CSS variables, which matplotlib lacks: `svg` swaps them, so charts follow the light or dark mode."""
CHART_STYLE: Any = {"svg.hashsalt": "retort", "svg.fonttype": "none", "text.parse_math": False, "axes.axisbelow": True}
CHART_STYLE |= dict.fromkeys(["axes.spines.top", "axes.spines.right"], False)
CHART_STYLE |= dict.fromkeys(["axes.edgecolor", "grid.color", "xtick.color", "ytick.color"], PAINT["line"])
CHART_STYLE |= dict.fromkeys(["axes.labelcolor", "xtick.labelcolor"], PAINT["quiet"])
CHART_STYLE |= dict.fromkeys(["text.color", "ytick.labelcolor"], PAINT["ink"])


def write_report(
    path: Path,
    name: str,
    scores: list[Score],
    funnel: dict[str, Any],
    sampled: dict[str, Any],
    lengths: dict[str, list[int]],
    samples: list[Trace],
    lineage: list[dict[str, Any]],
) -> None:
    """Write the page under a temporary name, fsync, rename. Equal input gives equal bytes.

    `funnel` counts traces: sampled, accepted, selected, and by reason rejected, unknown, left_out; it counts problems
    as problems, problems_solved; it holds the sums of `filters.counting.funnel.Funnel.counts`; where there are any,
    disputed_references, and contaminated_by (by benchmark the traces, problems and matched texts with their traces).
    `sampled` holds the sampler's accounts; recorded traces have none. `lengths` holds completion tokens under accepted
    and rejected; 0 stands for not recorded. Each of `lineage` has stage, fingerprint, folder, wall_s, counts, commit.
    Errors: ValueError for a metric that METRICS lacks.
    """
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    pages.filters |= {"shown": shown, "interval": interval, "duration": duration, "compact": compact, "median": median}
    known = {kind: [tokens for tokens in lengths[kind] if tokens] for kind in ("accepted", "rejected")}
    with rc_context(CHART_STYLE):
        page = pages.get_template("page.html.j2").render(
            name=name,
            benchmarks=[benchmark_table(scores, own) for own in dict.fromkeys(score.benchmark for score in scores)],
            metrics=METRICS,
            funnel={"disputed_references": 0, "contaminated_by": {}, "by_difficulty": {}} | funnel,
            accounts=used(account_rows(funnel, sampled)),
            sampling=sampling_facts(sampled),
            lengths=known,
            lengths_chart=lengths_chart(known) if any(known.values()) else None,
            n_unrecorded=sum(tokens == 0 for kind in known for tokens in lengths[kind]),
            samples=samples,
            cut_chars=CUT_CHARS,
            lineage=lineage,
        )
    temporary = path.with_name(f".{path.name}.tmp")
    # A model may emit half of a surrogate pair, which UTF-8 cannot hold.
    temporary.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))
    sync(temporary)
    temporary.rename(path)


def used(rows: list[dict[str, str]]) -> list[list[str]]:
    """Heading and cells, without the columns that no row has."""
    columns = [column for column in COLUMNS if any(column in row for row in rows)]
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def shown(score: Score) -> str:
    _, scale, form, unit = METRICS[score.metric]
    return f"{scale * score.value:{form}}{unit}".replace("-", "−")


def interval(score: Score) -> str:
    _, scale, form, _ = METRICS[score.metric]
    return f"[{scale * score.low:{form}}, {scale * score.high:{form}}]".replace("-", "−")


def duration(wall_s: float) -> str:
    return f"{wall_s:.1f} s" if wall_s < 60 else str(timedelta(seconds=round(wall_s)))


def compact(counts: dict[str, Any]) -> str:
    """`{"sampled": 8, "rejected": {"truncated": 2}}` becomes `sampled 8, rejected (truncated 2)`."""
    return ", ".join(f"{key} ({compact(v)})" if isinstance(v, dict) else f"{key} {v}" for key, v in counts.items())


def benchmark_table(scores: list[Score], benchmark: str) -> dict[str, Any]:
    """A benchmark's chart, the metrics it has, and its scores by metric for each model and precision."""
    rows: dict[tuple[str, str], dict[str, Score]] = {}
    # The alphabet happens to give the wanted order: base, student; full, int8, nf4.
    for score in sorted(scores, key=lambda score: (score.model, score.precision)):
        if score.benchmark == benchmark:
            rows.setdefault((score.model, score.precision), {})[score.metric] = score
    return {
        "name": benchmark,
        "rows": rows,
        "metrics": sorted({metric for row in rows.values() for metric in row}, key=list(METRICS).index),
        "chart": accuracy_chart([row["pass@1"] for row in rows.values() if "pass@1" in row]),
    }


def accuracy_chart(accuracies: list[Score]) -> Markup:
    """A bar per model and precision, with its 95 % interval."""
    figure = Figure(figsize=(9, 0.7 + 0.36 * len(accuracies)), layout="constrained")
    axes = figure.subplots()
    places, lows, highs = range(len(accuracies)), [100 * s.low for s in accuracies], [100 * s.high for s in accuracies]
    axes.barh(places, [100 * s.value for s in accuracies], height=0.6, color=[PAINT[s.model] for s in accuracies])
    axes.hlines(places, lows, highs, color=PAINT["ink"], linewidth=1.2)
    axes.plot([*lows, *highs], [*places, *places], "|", color=PAINT["ink"], markersize=7)
    for place, score in enumerate(accuracies):
        axes.text(1.01, place, shown(score), va="center", transform=axes.get_yaxis_transform())
    axes.set_yticks(places, [f"{score.model} {score.precision}" for score in accuracies])
    axes.set_ylim(len(accuracies) - 0.5, -0.5)
    axes.set(xlim=(0, min(100, max([1, *(1.1 * high for high in highs)]))), xlabel="pass@1, % (lines: 95% interval)")
    axes.grid(axis="x")
    return svg(figure)


def lengths_chart(known: dict[str, list[int]]) -> Markup:
    figure = Figure(figsize=(9, 2.8), layout="constrained")
    axes = figure.subplots()
    axes.set_prop_cycle(color=[PAINT[kind] for kind in known])
    axes.hist(list(known.values()), bins=40, stacked=True, edgecolor=PAINT["surface"])
    axes.set(xlim=(0, None), xlabel="completion tokens", ylabel="traces")
    axes.locator_params(integer=True)
    axes.grid(axis="y")
    return svg(figure)


def svg(figure: Figure) -> Markup:
    """The figure as an `<svg>` element that carries no date and takes its colours from the page."""
    buffer = StringIO()
    no_metadata = dict.fromkeys(["Creator", "Date", "Format", "Type"])
    figure.savefig(buffer, format="svg", transparent=True, metadata=no_metadata)
    # Sizes come from the page's CSS, and ids of groups would repeat from chart to chart.
    text = re.sub(r' (width|height)="[\d.]+pt"|(?<=<g) id="\w+"', "", buffer.getvalue().partition("<svg")[2])
    for name, colour in PAINT.items():
        text = text.replace(colour, f"var(--{name})")
    return Markup("<svg" + text)
