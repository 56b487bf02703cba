"""Gathers what report and card say of the training stages behind them, which neither may read by itself."""

from eval.report.trained_stage import TrainedStage
from flows.plan import Stage
from flows.stages.train import TrainStudent
from records.artifact import read_counts
from records.preflight import read_preflight
from records.training_counts import TrainingCounts
from records.training_log import read_training_log
from student.cost.measured import estimated_and_measured
from student.data.preflight_table import facts, left_out


def trainings_behind(stage: Stage) -> list[TrainStudent]:
    """Return the training stages that made the student, in order."""
    return [one for one in stage.lineage() if isinstance(one, TrainStudent)]


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


def start_of(stage: TrainStudent) -> str:
    before = stage.base.made_by
    return before.training.name if isinstance(before, TrainStudent) else "the base"
