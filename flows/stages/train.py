"""The stages that fine-tune the student: one for each entry of the config's `training`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.data_mix import DataSource
from configs.launch import Launch
from configs.training import TrainingStage
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.stages.rows import ImportRows
from flows.weights import Weights
from records.counts import TrainingCounts
from student.methods.identity import shaping

LIBRARIES = ("torch", "transformers", "datasets", "peft", "trl", "student.methods.sft")


@dataclass(frozen=True)
class MixedIn:
    """A dataset in a training stage's mix."""

    source: DataSource
    made_by: SelectTraces | ImportRows


@dataclass(frozen=True, kw_only=True)
class TrainStudent(Stage):
    """Makes weights, tokenizer and generation config of a fine-tuned model, and a ledger of what it was trained on."""

    name: str = "train"
    version = "3"
    training: TrainingStage
    base: Weights
    dataset: SelectTraces
    """The run's own dataset, with the student's prompt, even if this stage trains on others."""
    mixed: tuple[MixedIn, ...]
    dtype: str
    """Type of the saved weights: the one in which they are evaluated."""
    launch: Launch

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*(mixed.made_by for mixed in self.mixed), *self.base.needs)

    @property
    def libraries(self) -> tuple[str, ...]:
        return LIBRARIES

    @property
    def gpus(self) -> int:
        return 1

    def settings(self) -> dict[str, Any]:
        data = [{"weight": mixed.source.weight, "epochs": mixed.source.epochs} for mixed in self.mixed]
        training = shaping(self.training) | {"method": self.training.method, "data": data}
        return {"training": training, "base": self.base.identity(), "dtype": self.dtype}

    def build(self, folder: Path, *, progress: Report) -> TrainingCounts:
        from student.data.mixing import Part
        from student.methods.registry import METHODS
        from student.methods.sft import Base

        return METHODS[self.training.method](
            folder,
            self.training,
            Base(self.base.location, self.base.revision),
            [Part(one.made_by.path / "data", one.source.weight, one.source.epochs) for one in self.mixed],
            progress,
            dtype=self.dtype,
            device=self.launch.device,
        )
