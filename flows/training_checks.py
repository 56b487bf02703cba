"""Finds the trainings of a config, and checks what only TRL, peft and the machine can tell of their settings."""

from configs.launch import Launch
from configs.models import Model
from configs.schema import Config
from configs.stages import TrainingStage
from configs.training import Training
from flows.run.progress import Report


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
