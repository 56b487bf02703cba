"""Writes a run's summary as Markdown, with a PNG of every benchmark's accuracies, for a card, an issue or a message."""

import re
from pathlib import Path

from eval.metrics.formats import evidence, heading, interval, shown
from eval.report.charts import accuracy_png
from eval.report.flips import GAINED, LOST
from eval.report.run_report import RunReport
from eval.report.tables import markdown_scores
from eval.variants import rank
from records.files import write_whole
from records.rows import Score

ACCURACY = "pass@1"
ESCAPED = re.compile(r"([\\`*_|<>\[\]#])")


def write_summary(folder: Path, run: RunReport) -> None:
    """Write `summary.md` and `accuracy-<benchmark>.png` for every benchmark. Equal input gives equal bytes."""
    parts = [f"# {escaped(run.name)}", funnel(run)]
    for benchmark in dict.fromkeys(score.benchmark for score in run.scores):
        scores = [score for score in run.scores if score.benchmark == benchmark]
        parts += [f"## {escaped(benchmark)}", *chart(folder, benchmark, scores), markdown_scores(scores)]
        parts += ["\n".join([*differences(scores), *flip_lines(run, benchmark)])]
    if run.commands:
        parts.append("## Commands")
        parts.append("\n".join(f"- {escaped(one.figure)}: `{one.command}`" for one in run.commands))
    parts.append("[report.html](report.html) has the traces, the curves and the lineage.")
    write_whole(folder / "summary.md", "\n\n".join(filter(None, parts)).encode("utf-8", "replace") + b"\n")


def funnel(run: RunReport) -> str:
    judged = run.judged
    told = f"{judged.accepted:,} of {judged.traces:,} traces were accepted and {run.selected.selected:,} selected; "
    return told + f"{judged.solved:,} of {judged.problems:,} problems have an accepted one."


def chart(folder: Path, benchmark: str, scores: list[Score]) -> list[str]:
    """Write the chart, and return its link; nothing if no accuracy was computed."""
    rows = [score for score in scores if score.metric == ACCURACY and not score.group and score.value is not None]
    if not rows:
        return []
    name = chart_name(benchmark)
    write_whole(folder / name, accuracy_png(sorted(rows, key=lambda score: rank(score.variant))))
    return [f"![pass@1 of every model and precision, with 95 % intervals]({name})"]


def chart_name(benchmark: str) -> str:
    """Return a file name that needs no quoting."""
    return f"accuracy-{re.sub(r'[^A-Za-z0-9_.-]', '_', benchmark)}.png"


def differences(scores: list[Score]) -> list[str]:
    """Return one line for every paired difference that was computed."""
    return [
        f"- {escaped(str(score.variant))}, {heading(score.metric)}: {shown(score)} {interval(score)}, {evidence(score)}"
        for score in scores
        if score.p is not None and not score.group
    ]


def flip_lines(run: RunReport, benchmark: str) -> list[str]:
    return [
        f"- {escaped(str(found.pair.variant))} against {escaped(str(found.pair.yardstick))}: {found.count(LOST):,} "
        f"right → wrong, {found.count(GAINED):,} wrong → right, of {found.compared:,} problems"
        for found in run.traces.flips
        if found.benchmark == benchmark
    ]


def escaped(text: str) -> str:
    return ESCAPED.sub(r"\\\1", text)
