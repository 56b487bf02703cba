"""Prints what a run will do, and what it has done."""

from pathlib import Path

import yaml

from configs.hub_names import unpinned
from configs.schema import Config
from eval.metrics.formats import read_scores
from eval.report import accounts
from eval.report.quantization import quantization_tables, quantization_text
from eval.report.searches import searches_shown, searches_text
from eval.report.second_opinion import COLUMNS, opinion_facts, opinion_rows
from eval.report.stages import StagesShown, round_lines, stages_shown, stages_text
from eval.report.tables import text_table
from eval.report.terminal import terminal_scores
from eval.rounds import told
from eval.scaling.curve import read_curves
from flows.distill import Distillation
from flows.plan import Plan
from flows.trained import samplings_behind, stage_sampling
from flows.training_checks import check_trainings, trainings_of
from records.artifact import is_complete, read_counts
from records.comparisons import read_comparisons, read_costs
from records.counts import JudgingCounts, SelectionCounts
from records.export_counts import FormatCounts
from records.opinion_counts import OpinionCounts
from records.rounds import read_check


def show_plan(config: Config, run: Distillation) -> int:
    """Check the settings of trainings, and print the resolved config and the state of every stage. Return the exit
    status. Errors: InputError."""
    check_trainings(trainings_of(config), config.launch)
    print(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
    possible = possible_stages(run)
    rows = [
        {
            "stage": stage.name,
            "state": "complete" if is_complete(stage.artifact) else "at most" if stage.path in possible else "to do",
            "artifact": stage.artifact.path,
        }
        for stage in run.plan.stages
    ]
    print(text_table(rows, ("stage", "state", "artifact")))
    for line in told_of_rounds(run):
        print(line)
    print("".join(f"\n{line}" for line in unpinned(config)))
    return 0


def possible_stages(run: Distillation) -> set[Path]:
    """Return the artifacts of later rounds, of which nobody knows yet whether they are made."""
    check = run.open_check
    later = [one for one in run.checks if check and one.stage == check.stage and one.number > check.number]
    sure = {stage.path for stage in run.up_to(check).stages} if check else set()
    return {stage.path for one in later for stage in Plan.of(one).stages} - sure


def told_of_rounds(run: Distillation) -> list[str]:
    """Return what the complete checks after rounds found, and what an open one means for the stages that follow."""
    complete = [read_check(check.path) for check in run.checks if is_complete(check.artifact)]
    check = run.open_check
    if check is None:
        return round_lines(complete)
    following = f"{check.name} decides whether {check.stage} goes on: `at most` are the rounds that may follow"
    return [*map(told, complete), following]


def result_table(run: Distillation) -> str:
    if run.scores is None:
        return "no benchmark configured: nothing was evaluated"
    scores = read_scores(run.scores.path)
    quantized = quantization_text(quantization_tables(read_comparisons(run.scores.path), read_costs(run.scores.path)))
    return terminal_scores(scores) + (f"\n\n{quantized}" if quantized else "")


def stages_of(run: Distillation) -> StagesShown:
    """Return what every training stage brought."""
    return stages_shown(
        read_comparisons(run.scores.path) if run.scores else None,
        [stage_sampling(dataset) for dataset in samplings_behind(run.report)],
        [read_check(check.path) for check in run.checks],
    )


def funnel_rows(run: Distillation) -> list[dict[str, str]]:
    """Return the funnel from sampled traces to dataset rows, with the count of every reason."""
    judged = read_counts(run.judged.artifact, JudgingCounts)
    selected = read_counts(run.dataset.artifact, SelectionCounts)
    rows = [("sampled", judged.traces)]
    rows += [(f"rejected: {reason}", count) for reason, count in judged.rejected.items()]
    rows += [(f"unknown: {reason}", count) for reason, count in judged.unknown.items()]
    rows += [("accepted", judged.accepted)]
    rows += [(f"left out: {reason}", count) for reason, count in selected.left_out.items()]
    rows += [("selected", selected.selected)]
    if selected.by_second_opinion is not None:
        rows += [("of these by the second opinion", selected.by_second_opinion)]
    return [{"traces": name, "count": f"{count:,}", "share": f"{count / judged.traces:.1%}"} for name, count in rows]


def opinion_text(run: Distillation) -> str:
    """Return what the judge of a second opinion said; empty if none was asked."""
    if run.second_opinion is None:
        return ""
    counts = read_counts(run.second_opinion.artifact, OpinionCounts)
    selected = read_counts(run.dataset.artifact, SelectionCounts)
    table = text_table(opinion_rows(counts), COLUMNS)
    return "\n".join(
        [f"second opinion: {counts.filter}", table, *opinion_facts(counts, selected.by_second_opinion), ""]
    )


def account_rows(run: Distillation) -> list[dict[str, str]]:
    """Return the cost and yield of the traces, by source and difficulty."""
    judged = read_counts(run.judged.artifact, JudgingCounts)
    return accounts.account_rows(judged, accounts.read_sampling(run.traces.artifact))


def export_rows(run: Distillation) -> list[dict[str, str]]:
    """Return size and trial of every format that was exported (`student.export.reference`)."""
    exports = [export for export in run.checkpoint.exports if is_complete(export.artifact)]
    counted = [(export.path.name, read_counts(export.artifact, FormatCounts)) for export in exports]
    return [
        {
            "export": counts.format,
            "MB": f"{counts.bytes / 1e6:,.1f}",
            "agreement": f"{counts.agreement:.1%}",
            "stopped": f"{counts.stopped} of {counts.prompts}",
            "artifact": name,
        }
        for name, counts in counted
    ]


def show_result(run: Distillation) -> None:
    judged = read_counts(run.judged.artifact, JudgingCounts)
    print(f"\n{text_table(funnel_rows(run), ('traces', 'count', 'share'))}")
    print(f"problems solved at least once: {judged.solved:,} of {judged.problems:,}\n")
    print(opinion_text(run), end="\n" if run.second_opinion else "")
    print(f"{text_table(account_rows(run), accounts.COLUMNS)}\n")
    facts = accounts.sampling_facts(accounts.read_sampling(run.traces.artifact))
    print("".join(f"{name}: {fact}\n" for name, fact in facts.items()))
    print(result_table(run))
    searched = searches_text(searches_shown(read_curves(run.curves.path))) if run.curves else ""
    print(f"\n{searched}" if searched else "", end="\n" if searched else "")
    stages = stages_text(stages_of(run))
    print(f"\n{stages}" if stages else "", end="\n" if stages else "")
    print(f"\nreport      {run.run_dir / 'report.html'}")
    print(f"scores      {run.run_dir / 'scores.json'}")
    if run.curves:
        print(f"curves      {run.run_dir / 'curves.json'}")
    print(f"dataset     {run.dataset.path}")
    if is_complete(run.checkpoint.artifact):
        print(f"checkpoint  {run.run_dir / 'checkpoint'} -> {run.checkpoint.path.name}")
    else:
        print(f"checkpoint  not published; the trained student is {run.student.path}")
    exported = export_rows(run)
    if exported:
        print(f"\n{text_table(exported, ('export', 'MB', 'agreement', 'stopped', 'artifact'))}")
