"""The stage that fine-tunes the student on the dataset."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.models import Student
from configs.training import Training
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.weights import Weights
from records.counts import TrainingCounts
from records.preflight import FILE, Preflight
from records.rendering import VERSION as PROMPT_VERSION
from student.data.rendering import VERSION as ROW_VERSION

LIBRARIES = ("torch", "transformers", "datasets", "peft", "trl", "student.methods.sft")
SHAPES_NO_WEIGHTS = {"save_steps", "logging_steps", "drop_at_most"}
"""Settings for how often training saves and logs, and when it refuses; they do not change the final weights."""


@dataclass(frozen=True, kw_only=True)
class TrainStudent(Stage):
    """Makes weights, tokenizer and generation config of the fine-tuned student, and `preflight.json`."""

    name: str = "train"
    version = f"3.{PROMPT_VERSION}.{ROW_VERSION}"
    training: Training
    student: Student
    base: Weights
    dataset: SelectTraces

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.dataset, *self.base.needs)

    @property
    def libraries(self) -> tuple[str, ...]:
        return LIBRARIES

    def settings(self) -> dict[str, Any]:
        training = self.training.model_dump(mode="json", exclude=SHAPES_NO_WEIGHTS)
        student = self.student.model_dump(mode="json", include={"reasoning", "template"})
        return {"training": training, "student": student, "base": self.base.identity()}

    def preflight(self, progress: Report) -> Preflight:
        """Check every row of the dataset, which must be complete, and the base's tokens, without loading the model."""
        from student.data.preflight import run_preflight
        from student.data.student_files import StudentOrigin

        origin = StudentOrigin(self.base.location, self.base.revision, self.student.template)
        return run_preflight(self.dataset.path / "data", origin, self.student.reasoning, self.training, progress)

    def build(self, folder: Path, *, progress: Report) -> TrainingCounts:
        from records.files import write_json
        from student.data.preflight import refuse
        from student.data.preflight_table import preflight_table
        from student.methods.sft import train

        started = time.monotonic()
        found = self.preflight(progress)
        print(preflight_table(found, time.monotonic() - started), flush=True)
        write_json(folder / FILE, found)
        refuse(found)
        return train(
            folder,
            self.training,
            self.base.location,
            self.base.revision,
            self.dataset.path / "data",
            progress,
            reasoning=self.student.reasoning,
            template=self.student.template,
        )
