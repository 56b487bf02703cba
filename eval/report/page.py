"""Writes one HTML page about a run: scores, the funnel of traces, their cost and lengths, training, samples, lineage.
The page loads no other files."""

from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.metrics.formats import evidence, heading, in_order, interval, shown
from eval.report.accounts import COLUMNS, account_rows, sampling_facts
from eval.report.charts import accuracy_chart, lengths_chart
from eval.report.curves import panels
from eval.report.run_report import RunReport
from eval.report.scaling_charts import scaling_panels
from eval.variants import BASE, rank
from records.durations import duration
from records.files import write_whole
from records.rows import Score, Variant

CUT_CHARS = 4000
"""Most characters shown of each text of a sample, so that a 32k-token trace does not drown the page."""
STUDENT = Variant("student", "full")


@dataclass(frozen=True, slots=True)
class BenchmarkTable:
    """A benchmark's chart, its metrics, and its scores by metric for each variant."""

    name: str
    rows: dict[Variant, dict[str, Score]]
    metrics: list[str]
    groups: dict[str, dict[Variant, Score]]
    """Accuracies by group of problems, such as `level=5`."""
    chart: Markup


def write_report(path: Path, run: RunReport) -> None:
    """Write the page atomically. Equal input gives equal bytes. Errors: ValueError for a metric that METRICS lacks."""
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    pages.filters |= {"shown": shown, "interval": interval, "evidence": evidence, "heading": heading}
    pages.filters |= {"duration": duration, "median": median}
    lengths = asdict(run.lengths)
    recorded = {kind: [tokens for tokens in lengths[kind] if tokens] for kind in lengths}
    benchmarks = list(dict.fromkeys(score.benchmark for score in run.scores))
    page = pages.get_template("page.html.j2").render(
        run=run,
        benchmarks=[benchmark_table(run.scores, benchmark) for benchmark in benchmarks],
        base=BASE,
        student=STUDENT,
        accounts=used(account_rows(run.judged, run.sampled)),
        sampling=sampling_facts(run.sampled),
        lengths=recorded,
        lengths_chart=lengths_chart(recorded) if any(recorded.values()) else None,
        scaling=scaling_panels(run.curves),
        trainings=[(stage, panels(stage.log)) for stage in run.trainings],
        n_unrecorded=sum(tokens == 0 for kind in lengths.values() for tokens in kind),
        cut_chars=CUT_CHARS,
    )
    # A model may emit half of a surrogate pair, which UTF-8 cannot encode.
    write_whole(path, page.encode("utf-8", "xmlcharrefreplace"))


def used(rows: list[dict[str, str]]) -> list[list[str]]:
    """Return the heading and the rows' cells, without columns that no row has."""
    columns = [column for column in COLUMNS if any(column in row for row in rows)]
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def benchmark_table(scores: list[Score], benchmark: str) -> BenchmarkTable:
    rows: dict[Variant, dict[str, Score]] = {}
    groups: dict[str, dict[Variant, Score]] = {}
    for score in sorted(scores, key=lambda score: rank(score.variant)):
        if score.benchmark != benchmark:
            continue
        if score.group:
            groups.setdefault(score.group, {})[score.variant] = score
        else:
            rows.setdefault(score.variant, {})[score.metric] = score
    metrics = {metric for row in rows.values() for metric in row}
    return BenchmarkTable(
        name=benchmark,
        rows=rows,
        metrics=in_order(metrics),
        groups=groups,
        chart=accuracy_chart([row["pass@1"] for row in rows.values() if "pass@1" in row]),
    )
