"""Marked rows are read with their positions, across files and batches."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from records.batches import BATCH_ROWS
from records.errors import InputError
from records.parquet import read_about, read_marked, write_rows

SCHEMA = pa.schema([("value", pa.int64()), ("other", pa.string())])


@pytest.mark.parametrize("first", [0, 1, BATCH_ROWS - 1, BATCH_ROWS, BATCH_ROWS + 1])
def test_marked_rows_come_with_their_positions(tmp_path: Path, first: int) -> None:
    total = BATCH_ROWS + 10
    rows = [{"value": 10 * value, "other": "x"} for value in range(total)]
    write_rows(tmp_path / "a.parquet", rows[:first], SCHEMA)
    write_rows(tmp_path / "b.parquet", rows[first:], SCHEMA)
    for wanted in ([], [0], [total - 1], [0, first, BATCH_ROWS - 1, BATCH_ROWS], range(total)):
        marked = np.zeros(total, dtype=np.bool_)
        marked[list(wanted)] = True
        found = [*read_marked(tmp_path, marked, ["value"])]
        assert found == [(position, {"value": 10 * position}) for position in sorted(set(wanted))]


def test_marks_of_too_few_rows_are_noticed(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.parquet", [{"value": 1, "other": ""}] * 3, SCHEMA)
    with pytest.raises(ValueError, match="length"):
        [*read_marked(tmp_path, np.ones(2, dtype=np.bool_), ["value"])]


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("no")
    with pytest.raises(InputError, match=r"a\.parquet: not a readable Parquet file"):
        [*read_marked(tmp_path, np.ones(1, dtype=np.bool_), ["value"])]


def test_a_file_without_its_account_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    write_rows(file, [], SCHEMA, lambda: {"traces": 1})
    assert read_about(file) == {"traces": 1}
    whole = file.read_bytes()
    for content in (b"", whole[:-1], whole.replace(b'{"traces": 1}', b"[[[[[[[[[[[[["), b"no"):
        file.write_bytes(content)
        with pytest.raises(InputError, match=r"a\.parquet: is broken, or none of this stage's files; remove it"):
            read_about(file)
    write_rows(file, [], SCHEMA)
    with pytest.raises(InputError, match=r"none of this stage's files"):
        read_about(file)
