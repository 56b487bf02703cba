"""Plans the training stages of a run, and finds the settings that TRL has to check."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from configs.distillation import OWN, DistilledModel
from configs.launch import Launch
from configs.measuring import trained
from configs.models import Model
from configs.reward_data import RolloutSource
from configs.schema import Config
from configs.stages import (
    DistillStage,
    ProcessRewardStage,
    RewardStage,
    SftStage,
    TrainingStage,
)
from configs.teachers import FakeTeacher, VllmTeacher
from configs.training import Training
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.stages.judge import JudgingRules
from flows.stages.pairs import ImportPairs, SelectPairs
from flows.stages.problems import Problems
from flows.stages.rollouts import LabelSteps
from flows.stages.rows import ImportRows
from flows.stages.step_labels import ImportLabels
from flows.stages.train import TrainStudent
from flows.stages.train_distill import Teaching, TrainDistill
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
    problems: Problems | None
    """The problems that the teacher is asked; None if its traces were recorded elsewhere."""
    teacher: Weights | None
    """The weights of a teacher in vLLM; None for other kinds."""
    rules: JudgingRules
    """How the teacher's traces are judged."""
    held_out: tuple[Problems, ...]
    """The benchmarks."""
    earlier: dict[str, Weights] = field(default_factory=dict)
    """What the stages before make, by their names."""


def train_stages(inputs: Inputs, base: Weights) -> list[TrainStudent]:
    """Return a stage for each entry of `training`, in order, each starting from the weights that it names."""
    starts, stages = {"base": base, "previous": base}, list[TrainStudent]()
    for training in inputs.config.training:
        stage = METHODS[training.method](training, starts[training.start], inputs)
        stages.append(stage)
        if training.makes_student:
            starts[training.name] = starts["previous"] = inputs.earlier[training.name] = Weights.of(stage)
    return stages


def student_of(stages: list[TrainStudent]) -> TrainStudent:
    """Return the stage that makes the student: the last one that makes no reward model."""
    return [stage for stage in stages if stage.training.makes_student][-1]


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
    mixed = []
    for source in training.data:
        imported = partial(ImportRows, run_dir=inputs.run_dir, source=source, held_out=inputs.held_out)
        mixed.append(MixedIn(source, inputs.dataset if source.path is None else imported()))
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


def reward(training: RewardStage, start: Weights, inputs: Inputs) -> TrainStudent:
    single, data = training.labels == "single", list[SelectPairs | ImportPairs]()
    for source in training.data:
        if source.path is None:
            judged, most = inputs.dataset.judged, source.max_per_problem
            data.append(
                SelectPairs(run_dir=inputs.run_dir, judged=judged, single=single, most=most, seed=training.seed)
            )
        else:
            data.append(ImportPairs(run_dir=inputs.run_dir, source=source, held_out=inputs.held_out))
    return TrainReward(**shared(training, start, inputs), data=tuple(data))


def process_reward(training: ProcessRewardStage, start: Weights, inputs: Inputs) -> TrainStudent:
    run_dir, held_out, data = inputs.run_dir, inputs.held_out, list[LabelSteps | ImportLabels]()
    for source in training.data:
        if isinstance(source, RolloutSource):
            data.append(label_steps(training, source, inputs))
        else:
            data.append(ImportLabels(run_dir=run_dir, source=source, held_out=held_out))
    return TrainReward(**shared(training, start, inputs), data=tuple(data))


def label_steps(training: ProcessRewardStage, source: RolloutSource, inputs: Inputs) -> LabelSteps:
    """Return the stage that labels the run's traces by rollouts of its teacher, or of what an earlier stage makes."""
    config, teacher = inputs.config, inputs.config.teacher
    most = source.max_tokens or (config.sampling.max_tokens if config.sampling else None)
    assert most is not None, "validated by Config"
    given: dict[str, Any] = {"model": trained(config.student), "thinks": config.student.thinks_once_trained}
    if source.model == OWN:
        assert isinstance(teacher, VllmTeacher | FakeTeacher), "validated by Config"
        given = {"model": teacher, "thinks": teacher.reasons}
    return LabelSteps(
        run_dir=inputs.run_dir,
        judged=inputs.dataset.judged,
        source=source,
        weights=inputs.teacher if source.model == OWN else inputs.earlier[source.model],
        max_tokens=most,
        seed=training.seed,
        distribution=config.distribution,
        **given,
    )


METHODS: dict[str, Callable[..., TrainStudent]] = {
    "sft": sft,
    "distill": distill,
    "reward": reward,
    "process_reward": process_reward,
}
"""Functions that return the stage of a training, by its method."""


def trainings_of(config: Config) -> dict[str, Training]:
    """Return every training of a config by its place, those of models from random weights included."""
    several = len(config.training) > 1
    found: dict[str, Training] = {
        f"training.{at}" if several else "training": stage for at, stage in enumerate(config.training)
    }
    for role, model in (("teacher", config.teacher), ("student", config.student)):
        if isinstance(model, Model) and model.scratch:
            found[f"{role}.scratch.training"] = model.scratch.training
    return found


def check_trainings(trainings: dict[str, Training], launch: Launch, *, progress: Report | None = None) -> None:
    """Check all settings against TRL and peft, which takes 10 s of imports, and whether the processes of `launch` can
    share them. Models from random weights and reward models are trained in one process. Errors: InputError."""
    from student.methods.device import processes_here
    from student.methods.settings import check_settings

    processes = processes_here(launch) * launch.nodes
    for place, training in trainings.items():
        if isinstance(training, TrainingStage) and training.makes_student:
            check_settings(training, place, launch.shard, processes)
        else:
            check_settings(training, place)


def check_trainings_here(trainings: dict[str, Training], launch: Launch, *, progress: Report) -> None:
    """Check all settings, and that this machine has the GPU that some of them need. Errors: InputError."""
    from student.methods.device import has_gpu
    from student.methods.requirements import check_machine

    check_trainings(trainings, launch, progress=progress)
    for place, training in trainings.items():
        check_machine(training, not has_gpu(launch.device), place)
