"""The stage that fine-tunes the student on dataset rows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from configs.data_mix import DataSource
from configs.launch import Shard
from configs.stages import SftStage
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.stages.rows import ImportRows
from flows.stages.train import LIBRARIES, TrainStudent
from records.preflight import Preflight
from records.rendering import VERSION as PROMPT_VERSION
from records.training_counts import TrainingCounts
from student.data.rendering import VERSION as ROW_VERSION


@dataclass(frozen=True)
class MixedIn:
    """A dataset in a training stage's mix."""

    source: DataSource
    made_by: SelectTraces | ImportRows


@dataclass(frozen=True, kw_only=True)
class TrainOnRows(TrainStudent):
    """Training on a mix of datasets. A subclass is a method."""

    version = f"5.{PROMPT_VERSION}.{ROW_VERSION}"
    mixed: tuple[MixedIn, ...]

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*(mixed.made_by for mixed in self.mixed), *self.base.needs)

    @property
    def libraries(self) -> tuple[str, ...]:
        return (*LIBRARIES, "student.methods.sft")

    def shaped_by(self) -> dict[str, Any]:
        return {"data": [{"weight": mixed.source.weight, "epochs": mixed.source.epochs} for mixed in self.mixed]}

    def preflight(self, progress: Report) -> Preflight:
        from student.data.preflight import run_preflight
        from student.methods.device import processes_here

        folders = [one.made_by.path / "data" for one in self.mixed]
        ranks, shard = processes_here(self.launch) * self.launch.nodes, self.launch.shard
        times = [one.source.weight * one.source.epochs for one in self.mixed]
        return run_preflight(
            folders, self.origin, self.student.reasoning, self.training, progress, ranks=ranks, shard=shard, times=times
        )

    def trainer(self, shard: Shard) -> Callable[..., TrainingCounts]:
        from student.data.mixing import Part
        from student.methods.sft import train

        return partial(
            train,
            config=self.training,
            base=self.origin,
            parts=[Part(one.made_by.path / "data", one.source.weight, one.source.epochs) for one in self.mixed],
            reasoning=self.student.reasoning,
            dtype=self.student.dtype,
            device=self.launch.device,
            shard=shard,
        )


@dataclass(frozen=True, kw_only=True)
class TrainSft(TrainOnRows):
    """Supervised fine-tuning."""

    training: SftStage
