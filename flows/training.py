"""Plans the training stages of a run, and finds the settings that TRL has to check."""

from pathlib import Path

from configs.launch import Launch
from configs.models import Model
from configs.schema import Config
from configs.training import Training, TrainingStage
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.stages.problems import Problems
from flows.stages.rows import ImportRows
from flows.stages.train import MixedIn, TrainStudent
from flows.weights import Weights


def train_stages(
    config: Config, run_dir: Path, base: Weights, dataset: SelectTraces, held_out: tuple[Problems, ...]
) -> list[TrainStudent]:
    """Return a stage for each entry of `training`, in order, each starting from the weights that it names."""
    starts, stages = {"base": base, "previous": base}, list[TrainStudent]()
    for training in config.training:
        mixed = []
        for source in training.data:
            made_by = dataset if source.path is None else ImportRows(run_dir=run_dir, source=source, held_out=held_out)
            mixed.append(MixedIn(source, made_by))
        stage = TrainStudent(
            run_dir=run_dir,
            name=f"train-{training.name}",
            training=training,
            base=starts[training.start],
            dataset=dataset,
            mixed=tuple(mixed),
            student=config.student,
            launch=config.launch,
        )
        stages.append(stage)
        starts[training.name] = starts["previous"] = Weights.of(stage)
    return stages


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
    share them. Models from random weights are trained in one process. Errors: InputError."""
    from student.methods.device import processes_here
    from student.methods.settings import check_settings

    processes = processes_here(launch) * launch.nodes
    for place, training in trainings.items():
        if isinstance(training, TrainingStage):
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
