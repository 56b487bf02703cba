"""Where a training's records lie beside its weights, and how the log for its curves is read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from records.errors import InputError

RECORDS = "training"
"""Folder beside the weights for what tells how they were trained; a published checkpoint is without it."""
LOG_FILE = "log.parquet"
TENSORBOARD = "tensorboard"
"""Folder in RECORDS for TensorBoard's event files."""


@dataclass(frozen=True, slots=True)
class TrainingLog:
    """The columns of `records.schemas.TRAINING_LOG`. Made by `student.methods.tracking`; read by report and card."""

    columns: dict[str, NDArray[np.float64]]
    """One value for each step, in their order; NaN where nothing was logged."""

    def largest(self, name: str) -> float | None:
        """Return a column's largest value; None if it was never logged."""
        logged = self.logged(name)
        return float(logged.max()) if logged.size else None

    def logged(self, name: str) -> NDArray[np.float64]:
        return self.columns[name][~np.isnan(self.columns[name])]


def read_training_log(folder: Path) -> TrainingLog:
    """Read the log of the training that filled `folder`. Errors: InputError if it is not readable."""
    file = folder / RECORDS / LOG_FILE
    try:
        table = pq.read_table(file)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise InputError(f"{file}: not readable ({error}); delete {folder} to train again") from error
    return TrainingLog({name: table[name].cast(pa.float64()).to_numpy() for name in table.column_names})
