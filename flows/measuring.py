"""Plans which models of a run are measured: those that the config names, and those of all stages if it says so."""

from pathlib import Path

from configs.measuring import BASE, STUDENT, TEACHER, measured_models, trained
from configs.models import Model
from configs.schema import Config
from flows.evaluation import Candidate, EvaluationPlan
from flows.stages.problems import Problems
from flows.stages.score import ScoreModels
from flows.stages.train import TrainStudent
from flows.training import Trainings
from flows.weights import Weights
from records.comparisons import StageStart


def measuring_of(config: Config, run_dir: Path, benchmarks: dict[str, Problems]) -> EvaluationPlan | None:
    """Return how the run measures models; None without benchmarks."""
    if config.evaluation is None:
        return None
    return EvaluationPlan(
        run_dir=run_dir,
        evaluation=config.evaluation,
        judging=config.judging,
        distribution=config.distribution,
        benchmarks=benchmarks,
        settings=config.benchmarks,
    )


def score_models(
    config: Config, measuring: EvaluationPlan | None, trainings: Trainings, teacher: Weights | None
) -> ScoreModels | None:
    """Measure the models; None without benchmarks. `teacher` are the weights of one in vLLM."""
    evaluation = config.evaluation
    if evaluation is None or measuring is None:
        return None
    of_run = {name: weights for name, weights in trainings.models.items() if name != "previous"}
    of_run |= {STUDENT: Weights.of(trainings.student)} | ({TEACHER: teacher} if teacher else {})
    candidates = [
        Candidate(
            name=name,
            model=model,
            weights=of_run[name] if name in of_run else Weights(str(model.path), model.revision),
            precisions=evaluation.models[name].precisions if name in evaluation.models else ["full"],
            trained_here=name in of_run and isinstance(of_run[name].made_by, TrainStudent),
        )
        for name, model in models_of(config, trainings).items()
    ]
    return measuring.scores(candidates, started_from(trainings))


def models_of(config: Config, trainings: Trainings) -> dict[str, Model]:
    """Return the models that are measured, by name. With `evaluation.stages` those of all stages follow the base; the
    student's own is the student."""
    assert config.evaluation is not None, "checked by the caller"
    named = measured_models(config.evaluation, config.student, config.teacher, config.training)
    if not config.evaluation.stages:
        return named
    stages = [stage.training.name for stage in trainings.stages if stage.path != trainings.student.path]
    first = {name: model for name, model in named.items() if name in (TEACHER, BASE)}
    return first | dict.fromkeys(stages, trained(config.student)) | named


def started_from(trainings: Trainings) -> tuple[StageStart, ...]:
    """Return from which model each of several stages started, under the names under which they are measured."""

    def measured_as(weights: Weights) -> str:
        stage = weights.made_by
        if not isinstance(stage, TrainStudent):
            return BASE
        return STUDENT if stage.path == trainings.student.path else stage.training.name

    return tuple(
        StageStart(stage=stage.training.name, model=measured_as(Weights.of(stage)), start=measured_as(stage.base))
        for stage in (trainings.stages if len(trainings.stages) > 1 else ())
    )
