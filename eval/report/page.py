"""Writes one HTML page about a run: scores, stages, flips, a browser of traces, the funnel of traces, their cost
and lengths, training, commands, lineage. The page loads no other files."""

from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.metrics.formats import evidence, heading, in_order, interval, shown
from eval.report.accounts import COLUMNS, account_rows, sampling_facts
from eval.report.blocks import inert_json
from eval.report.charts import accuracies, accuracy_chart, lengths_chart
from eval.report.curves import panels
from eval.report.policy import assets
from eval.report.quantization import COLUMNS as QUANTIZATION_COLUMNS
from eval.report.quantization import quantization_tables
from eval.report.run_report import RunReport
from eval.report.scaling_charts import scaling_panels
from eval.report.score_row import ScoreRow, headline
from eval.report.searches import searches_shown, tables_of
from eval.report.second_opinion import COLUMNS as OPINION_COLUMNS
from eval.report.second_opinion import opinion_facts, opinion_rows
from eval.report.stages import GAIN_COLUMNS, SAMPLING_COLUMNS, stages_shown
from eval.variants import in_order as variants_in_order
from records.durations import duration
from records.files import write_whole
from records.rows import LENIENT, Score

FLIPS_SHOWN = 5
"""Flips of each pair that stand in the page; the browser of traces lists all."""


@dataclass(frozen=True, slots=True)
class BenchmarkTable:
    """A benchmark's chart, its metrics, and its scores by metric for each variant and rule of extraction."""

    name: str
    rows: dict[ScoreRow, dict[str, Score]]
    metrics: list[str]
    groups: dict[str, dict[ScoreRow, Score]]
    """Accuracies by group of problems, such as `level=5`."""
    chart: Markup

    @property
    def by_two_rules(self) -> bool:
        return any(row.extraction == LENIENT for row in self.rows)


def write_report(path: Path, run: RunReport) -> None:
    """Write the page atomically. Equal input gives equal bytes. Errors: ValueError for a metric that METRICS lacks."""
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    pages.filters |= {"shown": shown, "interval": interval, "evidence": evidence, "heading": heading}
    pages.filters |= {"duration": duration, "median": median}
    lengths = asdict(run.traces.lengths)
    recorded = {kind: [tokens for tokens in lengths[kind] if tokens] for kind in lengths}
    benchmarks = list(dict.fromkeys(score.benchmark for score in run.scores))
    tables = [benchmark_table(run.scores, benchmark) for benchmark in benchmarks]
    searches = searches_shown(run.curves)
    base, student = headline(tables[0].rows if tables else ())
    page = pages.get_template("page.html.j2").render(
        run=run,
        benchmarks=tables,
        base=base,
        student=student,
        quantization=quantization_tables(run.comparisons, run.costs) if run.comparisons else [],
        quantization_columns=QUANTIZATION_COLUMNS,
        accounts=used(account_rows(run.judged, run.sampled)),
        sampling=sampling_facts(run.sampled),
        opinion_columns=OPINION_COLUMNS,
        opinion_rows=opinion_rows(run.opinion) if run.opinion else [],
        opinion_facts=opinion_facts(run.opinion, run.selected.by_second_opinion) if run.opinion else [],
        lengths=recorded,
        lengths_chart=lengths_chart(recorded) if any(recorded.values()) else None,
        scaling=scaling_panels(run.curves),
        searches=searches,
        search_tables=tables_of(searches),
        stages=stages_shown(run.comparisons, run.samplings, run.checks),
        gain_columns=GAIN_COLUMNS,
        sampling_columns=SAMPLING_COLUMNS,
        trainings=[(stage, panels(stage.log, stage.method)) for stage in run.trainings],
        n_unrecorded=sum(tokens == 0 for kind in lengths.values() for tokens in kind),
        flips_shown=FLIPS_SHOWN,
        index=Markup(inert_json(run.traces.packed.index)),
        **asdict(assets()),
    )
    # A model may emit half of a surrogate pair, which UTF-8 cannot encode.
    write_whole(path, page.encode("utf-8", "xmlcharrefreplace"))


def used(rows: list[dict[str, str]]) -> list[list[str]]:
    """Return the heading and the rows' cells, without columns that no row has."""
    columns = [column for column in COLUMNS if any(column in row for row in rows)]
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def benchmark_table(scores: list[Score], benchmark: str) -> BenchmarkTable:
    rows: dict[ScoreRow, dict[str, Score]] = {}
    groups: dict[str, dict[ScoreRow, Score]] = {}
    ranks = {variant: at for at, variant in enumerate(variants_in_order(score.variant for score in scores))}
    for score in sorted(scores, key=lambda score: ranks[score.variant]):
        if score.benchmark != benchmark:
            continue
        if score.group:
            groups.setdefault(score.group, {})[ScoreRow.of(score)] = score
        else:
            rows.setdefault(ScoreRow.of(score), {})[score.metric] = score
    metrics = {metric for row in rows.values() for metric in row}
    return BenchmarkTable(
        name=benchmark,
        rows=rows,
        metrics=in_order(metrics),
        groups=groups,
        chart=accuracy_chart(accuracies([score for score in scores if score.benchmark == benchmark])),
    )
