"""What the stages have in common that import a table made elsewhere."""

from dataclasses import dataclass
from typing import Any

from configs.data_mix import DataSource
from configs.reward_data import PairSource, StepSource
from flows.plan import Stage
from flows.stages.problems import Problems, source_identity


@dataclass(frozen=True, kw_only=True)
class ImportTable(Stage):
    """Imports a table without what a benchmark holds. A subclass says how its rows are read."""

    reads_outside = True
    source: DataSource | PairSource | StepSource
    held_out: tuple[Problems, ...]
    """The benchmarks."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.held_out

    @property
    def read_by(self) -> dict[str, Any]:
        """What of the source says how its rows are read: the names of its columns, or its form."""
        return self.source.model_dump(mode="json", include={"columns", "form"})

    def settings(self) -> dict[str, Any]:
        return {"source": source_identity(self.source.table())} | self.read_by
