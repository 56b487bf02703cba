"""The stage that imports solutions whose steps somebody else labelled."""

from dataclasses import dataclass
from pathlib import Path

from configs.reward_data import StepSource
from flows.run.progress import Report
from flows.stages.imported import ImportTable
from flows.stages.problems import problem_ids
from records.training_counts import LabelsCounts


@dataclass(frozen=True, kw_only=True)
class ImportLabels(ImportTable):
    """Makes `steps.parquet` without what a benchmark holds."""

    name: str = "labels"
    version = "1"
    source: StepSource

    def build(self, folder: Path, *, progress: Report) -> LabelsCounts:
        from student.data.foreign_labels import import_labels
        from student.data.step_labels.registry import labelled
        from teacher.problems.tables import read_table

        solutions = (one for row in read_table(self.source.table()) for one in labelled(row, self.source.form))
        return import_labels(folder, solutions, self.source.path, problem_ids(self.held_out))
