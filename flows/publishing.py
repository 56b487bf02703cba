"""Plans the checkpoint of a run, and the further formats that it is exported to."""

from pathlib import Path

from configs.hub_names import is_model_name
from configs.schema import Config
from flows.stages.dataset import SelectTraces
from flows.stages.export import AskStudent, ExportFormat
from flows.stages.problems import Problems
from flows.stages.publish import Publish
from flows.stages.score import ScoreModels
from flows.stages.train import TrainStudent


def publish(
    config: Config,
    run_dir: Path,
    student: TrainStudent,
    dataset: SelectTraces,
    scores: ScoreModels | None,
    benchmarks: tuple[Problems, ...],
) -> Publish:
    """Return the stage that publishes the student, which needs a stage for every format of the config."""
    return Publish(
        run_dir=run_dir,
        trained=student,
        dataset=dataset,
        scores=scores,
        benchmarks=benchmarks,
        exports=exports(config, run_dir, student, dataset),
        publishing=config.publishing,
        title=f"{config.name}: {config.student.name}",
        base=base_name(config),
        base_on_hub=is_model_name(config.student.path or ""),
        teacher=config.teacher.name,
        teacher_origin=config.teacher.origin,
        dtype=config.student.dtype,
        max_new_tokens=config.evaluation.max_tokens if config.evaluation else student.training.max_length,
    )


def exports(config: Config, run_dir: Path, student: TrainStudent, dataset: SelectTraces) -> tuple[ExportFormat, ...]:
    """Return a stage for every further format. All are tried with the same prompts."""
    reference = AskStudent(
        run_dir=run_dir,
        trained=student,
        dataset=dataset,
        dtype=config.student.dtype,
        check=config.publishing.check,
    )
    return tuple(
        ExportFormat(
            run_dir=run_dir,
            reference=reference,
            format=name,
            title=config.name,
            base=base_name(config),
            base_weights=student.base,
        )
        for name in config.publishing.formats
    )


def base_name(config: Config) -> str:
    """Return the base model's name for others: a directory of this machine means nothing to them."""
    path = config.student.path or ""
    return path if is_model_name(path) else config.student.name
