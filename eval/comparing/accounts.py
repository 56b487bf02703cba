"""What each run spent and kept, and the settings in which runs differ."""

from typing import Any

from eval.comparing.conditions import MISSING, RUNTIME, flat
from eval.comparing.evaluated_run import EvaluatedRun
from eval.comparing.lineage import Made
from eval.report.accounts import read_sampling
from records.artifact import read_counts
from records.counts import JudgingCounts, SelectionCounts
from records.training_counts import TrainingCounts

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
    """Return a row for each setting in which the stages of the runs differ, with a column for each run."""
    settings = [settings_of(run) for run in runs]
    names = list(dict.fromkeys(name for one in settings for name in one))
    rows = []
    for name in names:
        values = [one.get(name, MISSING) for one in settings]
        if any(value != values[0] for value in values):
            rows.append({"setting": name} | {run.name: cut(v) for run, v in zip(runs, values, strict=True)})
    return rows


def settings_of(run: EvaluatedRun) -> dict[str, Any]:
    """Return the settings of all stages by `stage: path`, and what made them: commit and packages."""
    found: dict[str, Any] = {}
    for made in sorted(run.lineage.values(), key=lambda made: (made.provenance.started, made.stage)):
        found |= {f"{made.stage}: {path}": value for path, value in flat(made.inputs.settings)}
        found[f"{made.stage}: version"] = made.inputs.version
    return found | made_with(run.score)


def made_with(score: Made) -> dict[str, Any]:
    provenance = score.provenance
    return {"commit": provenance.commit, **{name: provenance.packages.get(name, MISSING) for name in RUNTIME}}


def cut(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
