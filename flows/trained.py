"""Gathers what report and card say of the training stages behind them, which neither may read by itself."""

from eval.report.trained_stage import TrainedStage
from flows.plan import Stage
from flows.stages.train import TrainStudent
from records.artifact import read_counts
from records.preflight import read_preflight
from records.training_counts import TrainingCounts
from records.training_log import read_training_log
from student.cost.measured import estimate_rows
from student.data.preflight_table import facts, left_out


def trainings_behind(stage: Stage) -> list[TrainStudent]:
    """Return the training stages that made the student, in order."""
    return [one for one in stage.lineage() if isinstance(one, TrainStudent)]


def trained_stage(stage: TrainStudent) -> TrainedStage:
    found = read_preflight(stage.path)
    return TrainedStage(
        name=stage.training.name,
        method=stage.training.method,
        start=start_of(stage),
        counts=read_counts(stage.artifact, TrainingCounts),
        log=read_training_log(stage.path),
        preflight=found,
        facts=[*left_out(found), *facts(found)],
        estimates=estimates_of(stage),
    )


def start_of(stage: TrainStudent) -> str:
    before = stage.base.made_by
    return before.training.name if isinstance(before, TrainStudent) else "the base"


def estimates_of(stage: TrainStudent) -> list[tuple[str, str, str]]:
    cost = read_preflight(stage.path).cost
    counts = read_counts(stage.artifact, TrainingCounts)
    return estimate_rows(cost, counts, read_training_log(stage.path)) if cost else []
