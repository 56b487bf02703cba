"""Writes a run's summary as Markdown, with a PNG of every benchmark's accuracies, for a card, an issue or a message."""

from pathlib import Path

from eval.metrics.formats import evidence, heading, interval, shown
from eval.report.charts import accuracy_pngs
from eval.report.flips import GAINED, LOST
from eval.report.run_report import RunReport
from eval.report.score_row import ScoreRow
from eval.report.searches import searches_markdown, searches_shown
from eval.report.second_opinion import opinion_facts
from eval.report.stages import stages_markdown, stages_shown
from eval.report.tables import markdown_scores
from records.files import write_whole
from records.markdown import escaped, in_code
from records.rows import Score


def write_summary(folder: Path, run: RunReport) -> None:
    """Write `summary.md` and `accuracy-<benchmark>.png` for every benchmark. Equal input gives equal bytes."""
    parts = [f"# {escaped(run.name)}", funnel(run), opinion(run)]
    for benchmark in dict.fromkeys(score.benchmark for score in run.scores):
        scores = [score for score in run.scores if score.benchmark == benchmark]
        parts += [f"## {escaped(benchmark)}", *charts(folder, scores), markdown_scores(scores)]
        if benchmark in run.read_alike:
            parts.append("Read leniently, the answers have the same accuracy.")
        parts += ["\n".join([*differences(scores), *flip_lines(run, benchmark)])]
    parts += searches_markdown(searches_shown(run.curves))
    parts += stages_markdown(stages_shown(run.comparisons, run.samplings, run.checks))
    if run.commands:
        parts.append("## Commands")
        parts.append("\n".join(f"- {escaped(one.figure)}: {in_code(one.command)}" for one in run.commands))
    parts.append("[report.html](report.html) has the traces, the curves and the lineage.")
    write_whole(folder / "summary.md", "\n\n".join(filter(None, parts)).encode("utf-8", "replace") + b"\n")


def funnel(run: RunReport) -> str:
    judged = run.judged
    told = f"{judged.accepted:,} of {judged.traces:,} traces were accepted and {run.selected.selected:,} selected; "
    return told + f"{judged.solved:,} of {judged.problems:,} problems have an accepted one."


def opinion(run: RunReport) -> str:
    """Return what an LLM judge said; empty if none was asked."""
    if run.opinion is None:
        return ""
    passed = sum(said["pass"] for said in run.opinion.by_reason.values())
    told = f"{run.opinion.filter} passes {passed:,} of {run.opinion.asked:,} traces that the verifiers did not accept."
    return escaped(" ".join([told, *opinion_facts(run.opinion, run.selected.by_second_opinion)]))


def charts(folder: Path, scores: list[Score]) -> list[str]:
    """Write the chart of a benchmark's scores, and return its link; nothing if no accuracy was computed."""
    pngs = accuracy_pngs(scores)
    for name, png in pngs.items():
        write_whole(folder / name, png)
    return [f"![pass@1 of every model and precision, with 95 % intervals]({name})" for name in pngs]


def differences(scores: list[Score]) -> list[str]:
    """Return one line for every paired difference that was computed."""
    return [
        f"- {escaped(str(ScoreRow.of(score)))}, {heading(score.metric)}: "
        + ", ".join(filter(None, [f"{shown(score)} {interval(score)}", evidence(score)]))
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
