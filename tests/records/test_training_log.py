"""A training's log is read as it was written, with gaps where nothing was logged."""

from pathlib import Path

import numpy as np
import pytest

from records.errors import InputError
from records.parquet import write_rows
from records.schemas import TRAINING_LOG
from records.training_log import LOG_FILE, RECORDS, read_training_log


def test_columns_and_gaps(tmp_path: Path) -> None:
    (tmp_path / RECORDS).mkdir()
    rows = [
        {"step": 1, "loss": 2.0, "tokens": 10, "memory_gib": 1.5},
        {"step": 2, "loss": 1.0, "tokens": 12, "memory_gib": 2.5},
        {"step": 3, "loss": 0.5, "tokens": 11},
    ]
    write_rows(tmp_path / RECORDS / LOG_FILE, rows, TRAINING_LOG)
    log = read_training_log(tmp_path)
    assert log.columns.keys() == set(TRAINING_LOG.names)
    assert log.columns["tokens"].tolist() == [10.0, 12.0, 11.0]
    assert np.isnan(log.columns["memory_gib"]).tolist() == [False, False, True]
    assert log.logged("memory_gib").tolist() == [1.5, 2.5]
    assert (log.largest("memory_gib"), log.largest("mfu")) == (2.5, None)


def test_an_unreadable_log_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"log\.parquet: not readable .* delete .* to train again"):
        read_training_log(tmp_path)
    (tmp_path / RECORDS).mkdir()
    (tmp_path / RECORDS / LOG_FILE).write_bytes(b"PAR1")
    with pytest.raises(InputError, match="not readable"):
        read_training_log(tmp_path)
