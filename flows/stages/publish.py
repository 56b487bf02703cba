"""The stage that publishes the trained checkpoint."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.publishing import Publishing
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.score import ScoreModels
from flows.stages.train import TrainStudent
from records.counts import ExportCounts


@dataclass(frozen=True, kw_only=True)
class Publish(Stage):
    """Makes a checkpoint of the trained weights, the tokenizer, generation defaults and a model card."""

    name: str = "publish"
    version = "3"
    trained: TrainStudent
    scores: ScoreModels | None
    publishing: Publishing
    title: str
    base: str
    """The base model as the card names it: its path, or its short name."""
    teacher: str
    max_new_tokens: int

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.trained, *([self.scores] if self.scores else []))

    def settings(self) -> dict[str, Any]:
        card = {"title": self.title, "base": self.base, "teacher": self.teacher}
        return {"publishing": self.publishing.model_dump(mode="json"), "card": card, "tokens": self.max_new_tokens}

    def build(self, folder: Path, *, progress: Report) -> ExportCounts:
        from eval.metrics.formats import read_scores
        from eval.report.tables import markdown_scores
        from records.preflight import read_preflight
        from student.export.checkpoint import export, how_it_reasons

        card = {
            "name": self.title,
            "base": self.base,
            "teacher": self.teacher,
            "reasoning": how_it_reasons(self.trained.student.reasoning, read_preflight(self.trained.path).switch),
            "prompt": self.trained.dataset.prompt.user.replace("\n", "\\n"),
            "scores": markdown_scores(read_scores(self.scores.path)) if self.scores else "Not evaluated.",
            "lineage": "\n".join(f"- `{stage.path.name}`" for stage in self.lineage()),
        }
        return export(folder, self.trained.path, self.publishing, card, self.max_new_tokens)
