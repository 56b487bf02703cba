"""The stages that export the trained student to further formats, and the student's answers that they are tried with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from configs.publishing import ExportCheck, Format
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.dataset import SelectTraces
from flows.stages.train import TrainStudent
from flows.weights import Weights
from records.export_counts import FormatCounts, ReferenceCounts


@dataclass(frozen=True, kw_only=True)
class AskStudent(Stage):
    """Makes `reference.json`: the trained student's greedy answers to a few prompts of its dataset."""

    name: str = "reference"
    version = "1"
    trained: TrainStudent
    dataset: SelectTraces
    dtype: str
    check: ExportCheck

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.trained, self.dataset)

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("torch", "transformers", "student.export.reference")

    def settings(self) -> dict[str, Any]:
        return {"check": self.check.model_dump(mode="json", exclude={"min_agreement"}), "dtype": self.dtype}

    def build(self, folder: Path, *, progress: Report) -> ReferenceCounts:
        from student.export.reference import ask_student

        return ask_student(folder, self.trained.path, self.dataset.path / "data", self.dtype, self.check)


@dataclass(frozen=True, kw_only=True)
class ExportFormat(Stage):
    """Makes the student in one further format, loads it again, and compares its answers with the reference."""

    name: str = field(init=False)
    version = "1"
    published = True
    reference: AskStudent
    format: Format
    title: str
    """The first part of a GGUF file's name."""
    base: str
    """The base model as the card names it."""
    base_weights: Weights

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"export-{self.format}")

    @property
    def trained(self) -> TrainStudent:
        return self.reference.trained

    @property
    def needs(self) -> tuple[Stage, ...]:
        # The adapter is loaded on the base. It identifies the base as the training does, which needs it too.
        return (self.trained, self.reference, *(self.base_weights.needs if self.format == "adapter" else ()))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("torch", "transformers", "bitsandbytes", "student.export.formats")

    def settings(self) -> dict[str, Any]:
        named = {"title": self.title} if self.format.startswith("gguf") else {}
        named |= {"base": self.base} if self.format == "adapter" else {}
        return {"format": self.format, "dtype": self.reference.dtype, "named": named}

    def build(self, folder: Path, *, progress: Report) -> FormatCounts:
        from student.export.formats import ExportJob, export_format

        job = ExportJob(
            trained=self.trained.path,
            reference=self.reference.path,
            format=self.format,
            dtype=self.reference.dtype,
            name=self.title,
            base=self.base,
            base_location=self.base_weights.location,
            base_revision=self.base_weights.revision,
            min_agreement=self.reference.check.min_agreement,
        )
        return export_format(folder, job)
