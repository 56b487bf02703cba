"""The stage that distils the teacher's stored log-probabilities, on the dataset that it has sampled."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from configs.launch import Shard
from configs.stages import DistillStage
from flows.run.progress import Report
from flows.stages.train_sft import TrainOnRows
from records.preflight import Preflight
from records.training_counts import TrainingCounts


@dataclass(frozen=True, kw_only=True)
class TrainStored(TrainOnRows):
    """Off-policy distillation on the run's dataset rows."""

    version = f"1.{TrainOnRows.version}"
    training: DistillStage

    def shaped_by(self) -> dict[str, Any]:
        fields = self.training.model_dump(mode="json", include={"source", "nll_weight"})
        return super().shaped_by() | fields

    def preflight(self, progress: Report) -> Preflight:
        from student.data.stored_preflight import with_stored

        found, folders = super().preflight(progress), [one.made_by.path / "data" for one in self.mixed]
        return with_stored(found, folders, self.origin, self.student.reasoning, self.training)

    def trainer(self, shard: Shard) -> Callable[..., TrainingCounts]:
        return partial(super().trainer(shard), nll_weight=self.training.nll_weight)
