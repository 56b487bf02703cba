"""The stage that imports traces recorded elsewhere instead of sampling."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.teachers import RecordedTeacher
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.problems import source_identity
from records.counts import ImportCounts
from records.thinking import VERSION as THINKING_VERSION


@dataclass(frozen=True, kw_only=True)
class ImportTraces(Stage):
    """Makes `traces-NNNNN.parquet` from recorded files."""

    name: str = "sample"
    version = f"4.{THINKING_VERSION}"
    reads_outside = True
    teacher: RecordedTeacher

    @property
    def needs(self) -> tuple[Stage, ...]:
        return ()

    def settings(self) -> dict[str, Any]:
        return {"name": self.teacher.name, "files": [source_identity(file) for file in self.teacher.files]}

    def build(self, folder: Path, *, progress: Report) -> ImportCounts:
        from teacher.problems.recorded import import_traces

        return import_traces(folder, self.teacher, progress)
