"""One HTML page about a run: scores, what became of the traces, their lengths, samples, lineage. It loads nothing."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from records.parquet import sync
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

INK, QUIET, GRID, SURFACE = "#010101", "#020202", "#030303", "#040404"
BASE, STUDENT, ACCEPTED, REJECTED = "#050505", "#060606", "#070707", "#080808"
PAINT = {INK: "ink", QUIET: "quiet", GRID: "line", SURFACE: "surface"}
PAINT |= {BASE: "base", STUDENT: "student", ACCEPTED: "accepted", REJECTED: "rejected"}
"""matplotlib knows no CSS variables: charts are drawn in these stand-ins, then follow the page's light or dark mode."""
BAR_COLOURS = {"base": BASE, "student": STUDENT}
CHART_STYLE = {
    "svg.hashsalt": "retort",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": GRID,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GRID,
    "xtick.labelcolor": QUIET,
    "ytick.color": GRID,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
}


def write_report(
    path: Path,
    name: str,
    scores: list[Score],
    funnel: dict[str, Any],
    lengths: dict[str, list[int]],
    samples: list[Trace],
    lineage: list[dict[str, Any]],
) -> None:
    """Write the page under a temporary name, fsync, rename. Equal input gives equal bytes.

    `funnel` counts traces: sampled, accepted, selected, and by reason rejected, unknown, left_out; it counts problems
    as problems, problems_solved. `lengths` holds completion tokens under accepted and rejected; 0 stands for not
    recorded. Each of `lineage` has stage, fingerprint, folder, wall_s, counts, commit.
    Errors: KeyError for a metric that METRICS lacks.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": shown, "interval": interval, "duration": duration, "compact": compact}
    known = {kind: [tokens for tokens in lengths[kind] if tokens > 0] for kind in ("accepted", "rejected")}
    with rc_context(CHART_STYLE):
        page = environment.get_template("report.html.j2").render(
            name=name,
            headline=headline(scores),
            benchmarks=list(benchmark_tables(scores)),
            metrics=METRICS,
            funnel=funnel,
            funnel_rows=list(funnel_rows(funnel)),
            lengths=[(kind, len(tokens), median(tokens) if tokens else 0) for kind, tokens in known.items()],
            lengths_chart=lengths_chart(known) if any(known.values()) else None,
            n_unrecorded=sum(map(len, lengths.values())) - sum(map(len, known.values())),
            samples=samples,
            cut_chars=CUT_CHARS,
            lineage=lineage,
        )
    temporary = path.with_name(f".{path.name}.tmp")
    # A model may emit half of a surrogate pair, which UTF-8 cannot hold.
    temporary.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))
    sync(temporary)
    temporary.rename(path)


def shown(score: Score) -> str:
    _, scale, form, unit = METRICS[score.metric]
    return f"{scale * score.value:{form}}{unit}".replace("-", "−")


def interval(score: Score) -> str:
    _, scale, form, _ = METRICS[score.metric]
    return f"[{scale * score.low:{form}}, {scale * score.high:{form}}]".replace("-", "−")


def headline(scores: list[Score]) -> dict[str, Score] | None:
    """What the page opens with: the first benchmark's full-precision accuracies and gain, once all three exist."""
    found = {
        (score.model, score.metric): score
        for score in scores
        if score.benchmark == scores[0].benchmark and score.precision == "full"
    }
    wanted = {"base": ("base", "pass@1"), "student": ("student", "pass@1"), "gain": ("student", "gain_over_base")}
    return {word: found[key] for word, key in wanted.items()} if found.keys() >= set(wanted.values()) else None


def benchmark_tables(scores: list[Score]) -> Iterator[dict[str, Any]]:
    """Per benchmark its chart, the metrics it has, and a row of scores by metric for each model and precision."""
    for number, benchmark in enumerate(dict.fromkeys(score.benchmark for score in scores)):
        own = [score for score in scores if score.benchmark == benchmark]
        rows: dict[tuple[str, str], dict[str, Score]] = {}
        # The alphabet happens to give the wanted order: base, student; full, int8, nf4.
        for score in sorted(own, key=lambda score: (score.model, score.precision)):
            rows.setdefault((score.model, score.precision), {})[score.metric] = score
        accuracies = [row["pass@1"] for row in rows.values() if "pass@1" in row]
        yield {
            "name": benchmark,
            "rows": rows,
            "metrics": [metric for metric in METRICS if any(metric in row for row in rows.values())],
            "chart": accuracy_chart(accuracies, f"accuracy{number}") if accuracies else None,
        }


def funnel_rows(funnel: dict[str, Any]) -> Iterator[tuple[str, str, int, float]]:
    """(kind, label, count, percent of the sampled traces), reasons by falling count under what they explain."""
    for kind, before in (("sampled", ()), ("accepted", ("rejected", "unknown")), ("selected", ("left_out",))):
        for group in before:
            for reason, count in sorted(funnel[group].items(), key=lambda item: (-item[1], item[0])):
                label = f"{group.replace('_', ' ')}: {reason}"
                yield group, label, count, 100 * count / max(funnel["sampled"], 1)
        yield kind, kind, funnel[kind], 100 * funnel[kind] / max(funnel["sampled"], 1)
