"""Formats what every training stage brought: for the terminal, the summary and the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.paired import ALL
from eval.report.quantization import interval, percent, points
from eval.report.tables import markdown_table, text_table
from eval.report.trained_stage import StageSampling
from eval.rounds import kept_line, told
from records.comparisons import Comparisons, Paired, StageGain
from records.rounds import RoundCheck

TITLE = "What each stage brought"
GAIN_COLUMNS = ("stage", "from", "problems of", "accuracy", "change", "p", "problems")
SAMPLING_COLUMNS = (
    *("for stage", "sampled", "problems", "solved", "traces", "accepted", "share", "selected", "tokens"),
)


@dataclass(frozen=True, slots=True)
class StagesShown:
    """The tables and sentences about a run's training stages. Made by `stages_shown`."""

    gains: list[dict[str, str]]
    """By column of GAIN_COLUMNS; empty if no stage was compared with the one that it started from."""
    samplings: list[dict[str, str]]
    """By column of SAMPLING_COLUMNS."""
    sentences: list[str]

    @property
    def empty(self) -> bool:
        return not (self.gains or self.samplings or self.sentences)


def stages_shown(
    comparisons: Comparisons | None, samplings: Sequence[StageSampling], checks: Sequence[RoundCheck]
) -> StagesShown:
    """Return what is told of the stages; nothing of a single stage that learns from the teacher alone."""
    gains = comparisons.stages if comparisons and any(one.pairs for one in comparisons.stages) else []
    return StagesShown(
        gains=[row for gain in gains for row in gain_rows(gain)],
        samplings=[sampling_row(one) for one in samplings],
        sentences=[*map(sentence, gains), *round_lines(checks)],
    )


def gain_rows(gain: StageGain) -> list[dict[str, str]]:
    """Return a row for each benchmark, and before them one over all if there are several."""
    several = len(gain.pairs) > 2
    shown = [pair for pair in gain.pairs if pair.benchmark != ALL or several]
    return [gain_row(gain, pair) for pair in shown]


def gain_row(gain: StageGain, pair: Paired) -> dict[str, str]:
    started = gain.started
    row = {"stage": started.stage, "from": started.start, "problems of": pair.benchmark or "all benchmarks"}
    row["accuracy"] = percent(pair.accuracy)
    if pair.change.value is None:
        return row | {"change": pair.change.why}
    change = f"{points(pair.change.value)} {interval(pair.change, points)}"
    return row | {"change": change, "p": f"{pair.p:.2g}", "problems": f"{pair.n_problems:,}"}


def sentence(gain: StageGain) -> str:
    """Return what a stage brought in words, over all benchmarks."""
    stage, start = gain.started.stage, gain.started.start
    if not gain.pairs:
        return f"{stage}: not compared with {start}, because not both were measured (evaluation.stages=true does)"
    change = gain.pairs[0].change
    if change.value is None or change.low is None or change.high is None:
        return f"{stage}: {change.why}"
    figures = f"{points(change.value)} {interval(change, points)} points over {start}"
    if change.low > 0:
        return f"{stage}: {figures}"
    if change.high < 0:
        return f"{stage}: {figures}: shown to do harm"
    return f"{stage}: {figures}: not shown to bring anything"


def sampling_row(one: StageSampling) -> dict[str, str]:
    judged = one.judged
    return {
        "for stage": one.stage,
        "sampled": one.model,
        "problems": f"{judged.problems:,}",
        "solved": f"{judged.solved:,}",
        "traces": f"{judged.traces:,}",
        "accepted": f"{judged.accepted:,}",
        "share": f"{judged.accepted / max(1, judged.traces):.1%}",
        "selected": f"{one.selected.selected:,}",
        "tokens": f"{one.sampled.tokens:,}",
    }


def round_lines(checks: Sequence[RoundCheck]) -> list[str]:
    """Return a line for each check, and for each stage with rounds one that says which of them is kept."""
    lines = []
    for stage in dict.fromkeys(check.stage for check in checks):
        own = [check for check in checks if check.stage == stage]
        lines += [*map(told, own), kept_line(own)]
    return lines


def stages_text(shown: StagesShown) -> str:
    """Return everything for a terminal; empty if there is nothing to tell."""
    parts = [
        text_table(rows, columns)
        for rows, columns in ((shown.samplings, SAMPLING_COLUMNS), (shown.gains, GAIN_COLUMNS))
        if rows
    ]
    if shown.sentences:
        parts.append("\n".join(shown.sentences))
    return "\n\n".join([TITLE, *parts]) if parts else ""


def stages_markdown(shown: StagesShown) -> list[str]:
    """Return the section's parts in Markdown, after its heading; empty if there is nothing to tell."""
    if shown.empty:
        return []
    parts = [
        markdown_table(rows, columns)
        for rows, columns in ((shown.gains, GAIN_COLUMNS), (shown.samplings, SAMPLING_COLUMNS))
        if rows
    ]
    return [f"## {TITLE}", *parts, "\n".join(f"- {line}" for line in shown.sentences)]
