"""Gathers what report and card say of the training stages behind them, which neither may read by itself."""

from collections.abc import Iterator

from eval.report.trained_stage import StageSampling, TrainedStage
from flows.plan import Stage
from flows.stages.dataset import SelectTraces
from flows.stages.sample import SampleTeacher
from flows.stages.train import TrainStudent
from records.artifact import read_counts
from records.counts import JudgingCounts, SamplingCounts, SelectionCounts
from records.preflight import read_preflight
from records.training_counts import TrainingCounts
from records.training_log import read_training_log
from student.cost.measured import estimated_and_measured
from student.data.preflight_table import facts, left_out


def trainings_behind(stage: Stage) -> list[TrainStudent]:
    """Return the training stages that made the student, in order."""
    return [one for one in stage.lineage() if isinstance(one, TrainStudent)]


def trainings_of_weights(student: TrainStudent) -> Iterator[TrainStudent]:
    """Yield the trainings that made the student's weights out of the base's, the last first. Others behind it trained
    models that it only learned from."""
    stage: Stage | None = student
    while isinstance(stage, TrainStudent):
        yield stage
        stage = stage.base.made_by


def trained_stage(stage: TrainStudent) -> TrainedStage:
    found, counts = read_preflight(stage.path), read_counts(stage.artifact, TrainingCounts)
    log = read_training_log(stage.path)
    return TrainedStage(
        name=stage.training.name,
        method=stage.training.method,
        start=start_of(stage),
        counts=counts,
        log=log,
        preflight=found,
        facts=[*left_out(found), *facts(found)],
        estimates=estimated_and_measured(found.cost, counts, log),
    )


def samplings_behind(stage: Stage) -> list[SelectTraces]:
    """Return the datasets that models of training stages made by being sampled, in order."""
    return [one for one in stage.lineage() if isinstance(one, SelectTraces) and one.learner]


def stage_sampling(dataset: SelectTraces) -> StageSampling:
    traces = dataset.judged.traces
    assert isinstance(traces, SampleTeacher), "recorded traces have no learner"
    before = traces.weights.made_by if traces.weights else None
    return StageSampling(
        stage=dataset.learner,
        model=before.training.name if isinstance(before, TrainStudent) else "the base",
        sampled=read_counts(traces.artifact, SamplingCounts),
        judged=read_counts(dataset.judged.artifact, JudgingCounts),
        selected=read_counts(dataset.artifact, SelectionCounts),
    )


def start_of(stage: TrainStudent) -> str:
    before = stage.base.made_by
    return before.training.name if isinstance(before, TrainStudent) else "the base"
