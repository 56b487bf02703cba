"""The stage that publishes the trained checkpoint."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.publishing import Publishing
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.stages.export import ExportFormat
from flows.stages.problems import Problems
from flows.stages.score import ScoreModels
from flows.stages.train import TrainStudent
from records.counts import ExportCounts

OF_FORMATS = {"formats", "check"}
"""Settings that shape the formats, which have artifacts of their own."""


@dataclass(frozen=True, kw_only=True)
class Publish(Stage):
    """Makes a checkpoint: the trained weights, the tokenizer, generation defaults and a model card with its charts."""

    name: str = "publish"
    version = "9"
    published = True
    trained: TrainStudent
    dataset: SelectTraces
    scores: ScoreModels | None
    benchmarks: tuple[Problems, ...]
    exports: tuple[ExportFormat, ...]
    """The further formats, which the card describes."""
    publishing: Publishing
    title: str
    base: str
    """The base model as the card names it: its name on the hub, or its short name."""
    base_on_hub: bool
    teacher: str
    teacher_origin: str
    """Path or name by which the teacher's licence is looked up; its traces' artifact already depends on it."""
    dtype: str
    max_new_tokens: int

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.dataset, self.trained, *([self.scores] if self.scores else []), *self.exports)

    def settings(self) -> dict[str, Any]:
        card = {"title": self.title, "base": self.base, "teacher": self.teacher}
        publishing = self.publishing.model_dump(mode="json", exclude=OF_FORMATS)
        return {"publishing": publishing, "card": card, "tokens": self.max_new_tokens, "dtype": self.dtype}

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("torch", "matplotlib.figure", "student.export.checkpoint")

    def build(self, folder: Path, *, progress: Report) -> ExportCounts:
        from flows.card import card_of
        from records.artifact import verify
        from student.export.checkpoint import export

        for need in self.needs:  # what is handed to others is read again, whatever the stamps say
            verify(need.artifact, full=True)
        return export(folder, self.trained.path, self.publishing, card_of(self), self.max_new_tokens, self.dtype)
