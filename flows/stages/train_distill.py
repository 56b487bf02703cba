"""The stage that distils a teacher's logits over completions that the student samples."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from configs.launch import Shard
from configs.stages import DistillStage
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.train import LIBRARIES, TrainStudent
from flows.weights import Weights
from records.preflight import Preflight
from records.rendering import VERSION as PROMPT_VERSION
from records.training_counts import TrainingCounts

if TYPE_CHECKING:
    from student.data.teacher_files import TeacherOrigin


@dataclass(frozen=True)
class Teaching:
    """The model whose logits teach."""

    weights: Weights
    dtype: str
    server: str | None = None

    def identity(self) -> dict[str, Any]:
        """Return what shapes its logits, beside the stage that made it. The address of a server does not."""
        return {"weights": self.weights.identity(), "dtype": self.dtype}

    @property
    def origin(self) -> "TeacherOrigin":
        from student.data.teacher_files import TeacherOrigin

        return TeacherOrigin(self.weights.location, self.weights.revision, self.dtype, self.server)


@dataclass(frozen=True, kw_only=True)
class TrainDistill(TrainStudent):
    """On-policy distillation on the run's problems."""

    version = f"3.{PROMPT_VERSION}"
    training: DistillStage
    problems: Stage
    teacher: Teaching

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.problems, *self.teacher.weights.needs, *self.base.needs)

    @property
    def libraries(self) -> tuple[str, ...]:
        return (*LIBRARIES, "student.methods.distill")

    def shaped_by(self) -> dict[str, Any]:
        fields = self.training.model_dump(mode="json", include={"source", "align"})
        asked = {"prompt": self.student.prompt.model_dump(mode="json"), "limit": self.training.prompts.limit}
        return fields | {"asked": asked, "teacher": self.teacher.identity(), "served": bool(self.training.served)}

    def preflight(self, progress: Report) -> Preflight:
        from student.data.distill_preflight import run_distill_preflight
        from student.methods.distill_settings import longest_prompt

        return run_distill_preflight(
            self.problems.path / "problems.parquet",
            self.origin,
            self.student.prompt,
            self.student.reasoning,
            self.training,
            longest_prompt(self.training),
            self.teacher.origin,
            progress,
        )

    def trainer(self, shard: Shard) -> Callable[..., TrainingCounts]:
        from student.methods.distill import train

        return partial(
            train,
            config=self.training,
            base=self.origin,
            teacher=self.teacher.origin,
            problems=self.problems.path / "problems.parquet",
            prompt=self.student.prompt,
            reasoning=self.student.reasoning,
            dtype=self.student.dtype,
            device=self.launch.device,
            shard=shard,
        )
