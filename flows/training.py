"""Plans the training stages of a run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from configs.distillation import OWN, DistilledModel
from configs.rounds import rounds_of
from configs.schema import Config
from configs.stages import DistillStage, GrpoStage, ProcessRewardStage, RewardStage, SftStage, TrainingStage
from configs.teachers import VllmTeacher
from flows.evaluation import EvaluationPlan
from flows.own_samples import own_dataset
from flows.plan import Stage
from flows.reward_models import labels_of, pairs_of
from flows.rounds import NamedWeights, check_of, kept, stopped
from flows.stages.dataset import SelectTraces
from flows.stages.judge import JudgingRules
from flows.stages.problems import Problems
from flows.stages.prompts import ChoosePrompts
from flows.stages.round_check import CheckRound
from flows.stages.rows import ImportRows
from flows.stages.train import TrainStudent
from flows.stages.train_distill import Teaching, TrainDistill
from flows.stages.train_grpo import TrainGrpo
from flows.stages.train_reward import TrainReward
from flows.stages.train_sft import MixedIn, TrainSft
from flows.stages.train_stored import TrainStored
from flows.weights import Weights


@dataclass(frozen=True)
class Inputs:
    """What training stages are made from, beside the weights that they start from."""

    config: Config
    run_dir: Path
    dataset: SelectTraces
    """The run's own dataset, with the student's prompt."""
    problems: Stage | None
    """The problems that the teacher is asked; None if its traces were recorded elsewhere."""
    teacher: Weights | None
    """The weights of a teacher in vLLM; None for other kinds."""
    rules: JudgingRules
    """How the teacher's traces are judged."""
    held_out: tuple[Problems, ...]
    """The benchmarks."""
    measuring: EvaluationPlan | None
    """How models are measured, by which rounds end; None without benchmarks."""
    earlier: Mapping[str, Weights] = field(default_factory=dict)
    """The base and the models of earlier stages by their names; `previous` is the one before."""


@dataclass(frozen=True)
class Trainings:
    """The training stages of a run."""

    stages: list[TrainStudent]
    """In order, every round one of its own."""
    student: TrainStudent
    models: dict[str, Weights]
    """Models by the names that the config gives them: the base, stages, and of rounds what is kept."""
    checks: tuple[CheckRound, ...]
    """The checks after rounds, in order."""

    @property
    def reward_models(self) -> tuple[TrainStudent, ...]:
        return tuple(stage for stage in self.stages if not stage.training.makes_student)


def train_stages(inputs: Inputs, base: Weights) -> Trainings:
    """Return a stage for each entry of `training` and each of its rounds, in order, each starting from the weights that
    it names. Rounds end where their checks, as far as they are complete, say so."""
    models, stages, checks = {"base": base, "previous": base}, list[TrainStudent](), list[CheckRound]()
    latest = "base"
    for declared in inputs.config.training:
        rounds, checked = list[TrainStudent](), list[CheckRound]()
        for number, training in enumerate(rounds_of(declared), start=1):
            given = replace(inputs, earlier=dict(models))
            stage = METHODS[training.method](training, models[training.start], given)
            rounds.append(stage)
            if not training.makes_student:
                break
            if declared.rounds and inputs.measuring:
                before = NamedWeights(latest, models["previous"])
                checked.append(check_of(declared.rounds, declared.name, number, stage, before, inputs.measuring))
            latest, models["previous"] = training.name, Weights.of(stage)
            if checked and stopped(checked):
                break
        stages, checks = [*stages, *rounds], [*checks, *checked]
        models |= {stage.training.name: Weights.of(stage) for stage in rounds}
        if not declared.makes_student:
            continue
        student = kept(rounds, checked) if checked else rounds[-1]
        latest, models["previous"] = student.training.name, Weights.of(student)
        models[declared.name] = models["previous"]
    return Trainings(stages, student, models, tuple(checks))


def shared(training: TrainingStage, start: Weights, inputs: Inputs) -> dict[str, Any]:
    """Return the fields that the stages of all methods have."""
    return {
        "run_dir": inputs.run_dir,
        "name": f"train-{training.name}",
        "training": training,
        "base": start,
        "student": inputs.config.student,
        "launch": inputs.config.launch,
    }


def sft(training: SftStage, start: Weights, inputs: Inputs) -> TrainStudent:
    mixed = [MixedIn(source, dataset_of(training, at, inputs)) for at, source in enumerate(training.data)]
    return TrainSft(**shared(training, start, inputs), mixed=tuple(mixed))


def distill(training: DistillStage, start: Weights, inputs: Inputs) -> TrainStudent:
    if training.source == "stored":
        mixed = tuple(MixedIn(source, inputs.dataset) for source in training.datasets)
        return TrainStored(**shared(training, start, inputs), mixed=mixed)
    assert inputs.problems is not None, "validated by Config"
    teacher = teaching(training, inputs)
    return TrainDistill(**shared(training, start, inputs), problems=inputs.problems, teacher=teacher)


def teaching(training: DistillStage, inputs: Inputs) -> Teaching:
    """Return the model whose logits teach: another one, the run's own, or what an earlier stage makes."""
    given, own = training.teacher, inputs.config.teacher
    if isinstance(given, DistilledModel):
        return Teaching(Weights(given.path, given.revision), given.dtype, given.server)
    if given == OWN:
        assert isinstance(own, VllmTeacher), "validated by Config"
        assert inputs.teacher is not None, "a teacher in vLLM has weights"
        return Teaching(inputs.teacher, own.dtype)
    return Teaching(inputs.earlier[given], inputs.config.student.dtype)


def grpo(training: GrpoStage, start: Weights, inputs: Inputs) -> TrainStudent:
    assert inputs.problems is not None, "validated by Config"
    chosen = ChoosePrompts(
        run_dir=inputs.run_dir,
        problems=inputs.problems,
        judged=inputs.dataset.judged if training.prompts.needs_rates else None,
        choice=training.prompts,
        rules=inputs.rules,
    )
    return TrainGrpo(**shared(training, start, inputs), chosen=chosen, rules=inputs.rules)


def reward(training: RewardStage, start: Weights, inputs: Inputs) -> TrainStudent:
    return TrainReward(**shared(training, start, inputs), data=pairs_of(training, inputs))


def process_reward(training: ProcessRewardStage, start: Weights, inputs: Inputs) -> TrainStudent:
    return TrainReward(**shared(training, start, inputs), data=labels_of(training, inputs))


def dataset_of(training: TrainingStage, at: int, inputs: Inputs) -> SelectTraces | ImportRows:
    """Return the stage that makes the dataset at a place of a training's `data`."""
    source = training.datasets[at]
    if source.path is not None:
        return ImportRows(run_dir=inputs.run_dir, source=source, held_out=inputs.held_out)
    if source.sampled is None:
        return inputs.dataset
    several = sum(other.sampled is not None for other in training.datasets) > 1
    return own_dataset(
        inputs.config,
        inputs.run_dir,
        source.sampled,
        inputs.earlier,
        f"{training.name}-{at}" if several else training.name,
        inputs.problems,
        inputs.rules,
    )


METHODS: dict[str, Callable[..., TrainStudent]] = {
    "sft": sft,
    "grpo": grpo,
    "distill": distill,
    "reward": reward,
    "process_reward": process_reward,
}
"""Functions that return the stage of a training, by its method."""
