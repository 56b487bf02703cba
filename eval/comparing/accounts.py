"""What each run spent and kept, and the settings in which runs differ."""

from typing import Any

from eval.comparing.conditions import MISSING, RUNTIME, flat
from eval.comparing.evaluated_run import EvaluatedRun
from eval.report.accounts import read_sampling
from records.artifact import read_counts
from records.counts import JudgingCounts, SelectionCounts
from records.training_counts import TrainingCounts

LISTED = "measured"
"""A setting of an evaluation that the table of accuracies shows anyway: what it measured."""
SHOWN = 60
"""Characters of a setting that are shown."""


def account_rows(runs: list[EvaluatedRun]) -> list[dict[str, str]]:
    """Return a row for each fact, with a column for each run; empty where a run has no such stage.

    Times are those of the stages that the evaluation was made from, each built once, whatever ran beside it.
    Errors: InputError for counts of another version.
    """
    facts = [facts_of(run) for run in runs]
    names = list(dict.fromkeys(name for one in facts for name in one))
    return [{"": name} | {run.name: one.get(name, "") for run, one in zip(runs, facts, strict=True)} for name in names]


def facts_of(run: EvaluatedRun) -> dict[str, str]:
    facts: dict[str, str] = {}
    by_stage = {made.stage: made for made in run.lineage.values()}
    sampled = read_sampling(by_stage["sample"].artifact) if "sample" in by_stage else None
    if sampled:
        facts["tokens drawn from the teacher"] = f"{sampled.tokens:,}"
    if "judge" in by_stage:
        judged = read_counts(by_stage["judge"].artifact, JudgingCounts)
        facts["traces"] = f"{judged.traces:,}"
        facts |= {f"rejected: {reason}": f"{count:,}" for reason, count in judged.rejected.items()}
        facts["accepted"] = f"{judged.accepted:,}"
        facts["problems solved"] = f"{judged.solved:,} of {judged.problems:,}"
    if "select" in by_stage:
        facts["dataset rows"] = f"{read_counts(by_stage['select'].artifact, SelectionCounts).selected:,}"
    trained = [made for made in run.lineage.values() if made.stage.startswith("train-")]
    counts = [read_counts(made.artifact, TrainingCounts) for made in trained]
    if counts:
        facts["steps trained"] = f"{sum(one.steps for one in counts):,}"
        facts["tokens trained on"] = f"{sum(one.tokens for one in counts):,}"
    evaluated = [read_sampling(one.sampled.artifact) for one in run.measured.values()]
    facts["tokens of the evaluation"] = f"{sum(one.tokens for one in evaluated if one):,}"
    facts["seconds, all stages"] = f"{sum(made.provenance.wall_s for made in run.lineage.values()):,.0f}"
    return facts


def setting_rows(runs: list[EvaluatedRun]) -> list[dict[str, str]]:
    """Return a row for each setting in which the stages of the runs differ, with a column for each run. Stages that
    differ alike share a row; of a stage that not all runs have, nothing is told but that."""
    settings = [settings_of(run) for run in runs]
    stages: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for stage in dict.fromkeys(stage for one in settings for stage in one):
        having = [one.get(stage) for one in settings]
        if None in having:
            stages.setdefault(("", tuple(MISSING if one is None else "made" for one in having)), []).append(stage)
            continue
        for name in dict.fromkeys(name for one in having if one for name in one):
            values = [one.get(name, MISSING) if one else MISSING for one in having]
            if any(value != values[0] for value in values):
                stages.setdefault((name, tuple(map(cut, values))), []).append(stage)
    return [
        {"setting": name, "stage": listed(names)} | {run.name: value for run, value in zip(runs, values, strict=True)}
        for (name, values), names in stages.items()
    ]


def settings_of(run: EvaluatedRun) -> dict[str, dict[str, Any]]:
    """Return the settings of every stage by their paths, in the order in which the stages were made; commit and
    packages are the evaluation's."""
    found: dict[str, dict[str, Any]] = {}
    for made in sorted(run.lineage.values(), key=lambda made: (made.provenance.started, made.stage)):
        settings = {name: value for name, value in made.inputs.settings.items() if name != LISTED}
        found[made.stage] = dict(flat(settings)) | {"version": made.inputs.version}
    provenance = run.score.provenance
    packages = {name: provenance.packages.get(name, MISSING) for name in RUNTIME}
    found[run.score.stage] |= {"commit": provenance.commit, **packages}
    return found


def listed(stages: list[str]) -> str:
    return stages[0] if len(stages) == 1 else f"{stages[0]} and {len(stages) - 1} more"


def cut(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
