"""The stage that imports a dataset made elsewhere, for a training stage to mix in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.data_mix import DataSource
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.problems import Problems, problem_ids, source_identity
from records.training_counts import RowsCounts


@dataclass(frozen=True, kw_only=True)
class ImportRows(Stage):
    """Makes `data/*.parquet` as the run's own dataset has it, without what a benchmark holds."""

    name: str = "rows"
    version = "1"
    source: DataSource
    held_out: tuple[Problems, ...]

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.held_out

    def settings(self) -> dict[str, Any]:
        columns = self.source.columns.model_dump(mode="json")
        return {"source": source_identity(self.source.table()), "columns": columns}

    def build(self, folder: Path, *, progress: Report) -> RowsCounts:
        from student.data.foreign import import_rows
        from teacher.problems.tables import read_table, source_name

        table = self.source.table()
        excluded = problem_ids(self.held_out)
        return import_rows(folder, read_table(table), self.source.columns, source_name(table), excluded)
