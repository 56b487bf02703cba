"""Gathers what the model card says from the artifacts of a run."""

from collections.abc import Iterator
from typing import Any

from configs.judging import Judging
from configs.sources import ProblemFile
from eval.metrics.formats import read_scores
from eval.report.charts import accuracy_pngs
from eval.report.second_reading import told_once
from eval.report.tables import markdown_scores
from flows.plan import Stage
from flows.stages.dataset import SelectTraces
from flows.stages.problems import Problems
from flows.stages.publish import Publish
from flows.stages.rows import ImportRows
from flows.stages.train import TrainStudent
from flows.stages.train_sft import TrainOnRows
from flows.trained import start_of, trainings_behind, trainings_of_weights
from records.artifact import git_commit, packages, read_counts
from records.counts import JudgingCounts, SelectionCounts
from records.export_counts import FormatCounts
from records.preflight import read_preflight
from records.training_counts import TrainingCounts
from records.training_log import read_training_log
from student.cost.measured import estimated_and_measured
from student.data.preflight_table import facts
from student.export.card import Card, Funnel, Limits, Made, Recipe, how_it_reasons
from student.export.hub_results import Benchmark
from student.export.licenses import MADE_HERE, License, license_of
from teacher.problems.tables import source_name


def card_of(publish: Publish) -> Card:
    """Return the card of a checkpoint whose needs are complete."""
    dataset, scores = publish.dataset, told_once(read_scores(publish.scores.path)) if publish.scores else []
    lineage = [made_by(stage) for stage in publish.lineage()]
    return Card(
        title=publish.title,
        dtype=publish.dtype,
        base=publish.base,
        base_on_hub=publish.base_on_hub,
        teacher=publish.teacher,
        license=publish.publishing.license,
        teacher_license=teacher_license(publish),
        base_license=license_of(publish.base),
        system=dataset.prompt.system or "",
        prompt=dataset.prompt.user,
        reasoning=reasoning_of(publish),
        methods=list(dict.fromkeys(stage.training.method for stage in trainings_of_weights(publish.trained))),
        funnel=funnel_of(publish) if dataset.path in {rows.path for rows in rows_of(publish)} else None,
        recipes=[recipe_of(stage) for stage in (*trainings_behind(publish.trained), publish.trained)],
        scores_table=markdown_scores(scores) if scores else "",
        charts=accuracy_pngs(scores),
        scores=scores,
        benchmarks={benchmark_name(problems): on_the_hub(problems) for problems in publish.benchmarks},
        formats=[read_counts(export.artifact, FormatCounts) for export in publish.exports],
        limits=limits_of(publish),
        lineage=lineage,
        dataset=made_by(dataset),
        packages=packages(),
        commit=git_commit(),
    )


def made_by(stage: Stage) -> Made:
    return Made(stage=stage.name, folder=stage.path.name, fingerprint=stage.artifact.fingerprint)


def reasoning_of(publish: Publish) -> str:
    prompt, trained = publish.dataset.prompt, publish.trained
    boxed = "\\boxed" in prompt.user + (prompt.system or "")
    return how_it_reasons(trained.student.reasoning, read_preflight(trained.path).switch, boxed)


def rows_of(publish: Publish) -> list[SelectTraces | ImportRows]:
    """Return the datasets whose rows the student was trained on. A run has one of its teacher's traces whether or not
    they are used: reinforcement learning, or a student that learns from its own samples, may do without."""
    trained = (stage for stage in trainings_of_weights(publish.trained) if isinstance(stage, TrainOnRows))
    return [mixed.made_by for stage in trained for mixed in stage.mixed]


def funnel_of(publish: Publish) -> Funnel:
    judged = read_counts(publish.dataset.judged.artifact, JudgingCounts)
    selected = read_counts(publish.dataset.artifact, SelectionCounts)
    return Funnel(
        sampled=judged.traces,
        rejected=judged.rejected,
        unknown=judged.unknown,
        accepted=judged.accepted,
        left_out=selected.left_out,
        selected=selected.selected,
        problems=selected.problems,
        by_second_opinion=selected.by_second_opinion,
    )


def recipe_of(stage: TrainStudent) -> Recipe:
    counts, found = read_counts(stage.artifact, TrainingCounts), read_preflight(stage.path)
    return Recipe(
        stage=stage.training.name,
        start=start_of(stage),
        settings=dict(flat(stage.settings()["training"])),
        merged=counts.merged_onto,
        steps=counts.steps,
        rows=counts.rows,
        dropped=counts.dropped,
        loss=counts.loss,
        facts=list(facts(found)),
        histogram=found.lengths.histogram if found.lengths else {},
        estimates=estimated_and_measured(found.cost, counts, read_training_log(stage.path)),
    )


def flat(settings: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every setting with its dotted path."""
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def limits_of(publish: Publish) -> Limits:
    judged = publish.dataset.judged
    return Limits(
        sources=sorted({name for rows in rows_of(publish) or [publish.dataset] for name in sources_of(rows)}),
        languages=languages_of(judged.rules.judging),
        max_length=max(stage.training.max_length for stage in trainings_of_weights(publish.trained)),
        max_tokens=publish.max_new_tokens,
        benchmarks=[benchmark_name(problems) for problems in publish.benchmarks] if publish.scores else [],
    )


def sources_of(rows: SelectTraces | ImportRows) -> list[str]:
    if isinstance(rows, ImportRows):
        return [source_name(rows.source.table())]
    return list(read_counts(rows.judged.artifact, JudgingCounts).by_source)


def languages_of(judging: Judging) -> list[str] | None:
    """Return the languages that traces may have: empty if it is each prompt's own, None if it was not checked."""
    rule = judging.language
    if rule is None:
        return None
    return sorted({*rule.expected, *rule.reasoning}) if rule.expected else []


def teacher_license(publish: Publish) -> License | None:
    if publish.publishing.teacher_license:
        return License(publish.publishing.teacher_license)
    return license_of(publish.teacher_origin) if publish.teacher_origin else MADE_HERE


def benchmark_name(problems: Problems) -> str:
    return problems.name.removeprefix("benchmark-")


def on_the_hub(problems: Problems) -> Benchmark | None:
    """Return a benchmark's dataset if it is a single one from the hub."""
    source = problems.sources[0]
    if len(problems.sources) > 1 or not isinstance(source, ProblemFile) or not source.hub_name:
        return None
    return Benchmark(dataset=source.hub_name, revision=source.revision, split=source.split)
