"""The stage that trains an outcome or a process reward model."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from configs.launch import Shard
from configs.stages import ProcessRewardStage, RewardStage
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.pairs import ImportPairs, SelectPairs
from flows.stages.rollouts import LabelSteps
from flows.stages.step_labels import ImportLabels
from flows.stages.train import LIBRARIES, TrainStudent
from records.preflight import Preflight
from records.rendering import VERSION as PROMPT_VERSION
from records.reward_text import VERSION as TEXT_VERSION
from records.training_counts import TrainingCounts


@dataclass(frozen=True, kw_only=True)
class TrainReward(TrainStudent):
    """Training of a reward model. It takes one process and at most one GPU, whatever `launch.shard` says."""

    version = f"1.{PROMPT_VERSION}.{TEXT_VERSION}"
    training: RewardStage | ProcessRewardStage
    data: tuple[SelectPairs | ImportPairs | LabelSteps | ImportLabels, ...]

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*self.data, *self.base.needs)

    @property
    def libraries(self) -> tuple[str, ...]:
        return (*LIBRARIES, "student.methods.reward")

    @property
    def gpus(self) -> int:
        return 1

    def shaped_by(self) -> dict[str, Any]:
        return {"labels": self.training.labels}

    def preflight(self, progress: Report) -> Preflight:
        from student.data.reward_preflight import run_reward_preflight

        return run_reward_preflight([one.path for one in self.data], self.origin, self.training, progress)

    def train(self, folder: Path, *, progress: Report, joins: bool = False) -> TrainingCounts:
        return self.trainer("none")(folder, progress=progress)

    def trainer(self, shard: Shard) -> Callable[..., TrainingCounts]:
        from student.methods.reward import train

        return partial(
            train,
            config=self.training,
            base=self.origin,
            datasets=[one.path for one in self.data],
            dtype=self.student.dtype,
            device=self.launch.device,
        )
