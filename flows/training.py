"""Plans the training stages of a run."""

from pathlib import Path

from configs.schema import Config
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
            dtype=config.student.dtype,
            launch=config.launch,
        )
        stages.append(stage)
        starts[training.name] = starts["previous"] = Weights.of(stage)
    return stages
