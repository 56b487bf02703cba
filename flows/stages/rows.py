"""The stage that imports a dataset made elsewhere, for a training stage to mix in."""

from dataclasses import dataclass
from pathlib import Path

from configs.data_mix import DataSource
from flows.run.progress import Report
from flows.stages.imported import ImportTable
from flows.stages.problems import problem_ids
from records.training_counts import RowsCounts


@dataclass(frozen=True, kw_only=True)
class ImportRows(ImportTable):
    """Makes `data/*.parquet` as the run's own dataset has it, without what a benchmark holds."""

    name: str = "rows"
    version = "2"
    source: DataSource

    def build(self, folder: Path, *, progress: Report) -> RowsCounts:
        from student.data.foreign import import_rows
        from teacher.problems.tables import read_table, source_name

        table = self.source.table()
        excluded = problem_ids(self.held_out)
        return import_rows(folder, read_table(table), self.source.columns, source_name(table), excluded)
