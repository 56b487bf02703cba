"""Streaming reads and atomic writes of Parquet files."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from records.batches import batched_by_size
from records.errors import InputError
from records.files import whole_file
from records.parquet_reading import batches_of
from records.rows import Problem, Reading, Trace, Verdict
from records.schemas import TRACE
from records.searched import Searched
from records.verified import listed_files

Marks = NDArray[np.bool_]
"""One value per row of a file or directory; True for the rows that are wanted. One byte a row."""

ABOUT = "retort"


def write_rows(
    path: Path, rows: Iterable[Any], schema: pa.Schema, about: Callable[[], dict[str, Any]] | None = None
) -> int:
    """Write dataclass rows or dicts to `path` atomically, and return the number of rows.

    `about` is called after the last row; its result is stored in the file's footer, from which `read_about` reads it.
    """
    count = 0
    with whole_file(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        for batch in batched_by_size(rows):
            table = [row if isinstance(row, dict) else as_dict(row) for row in batch]
            writer.write_table(pa.Table.from_pylist(table, schema=schema))
            count += len(batch)
        if about:
            writer.add_key_value_metadata({ABOUT: json.dumps(about())})
    return count


def as_dict(row: Any) -> dict[str, Any]:
    """Convert a dataclass row, and the rows in it and in its lists, to dicts. `dataclasses.asdict` would deep-copy
    every value, which takes longer than the writing."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    values |= {name: as_dict(value) for name, value in values.items() if is_dataclass(value)}
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    return values | {
        name: [as_dict(item) if is_dataclass(item) else item for item in value] for name, value in lists.items()
    }


def read_about(path: Path) -> dict[str, Any]:
    """Read the footer entry that `write_rows` stored as `about`. Errors: InputError for a file without one."""
    try:
        return dict(json.loads(pq.read_metadata(path).metadata[ABOUT.encode()]))
    except (pa.ArrowException, ValueError, TypeError, KeyError, OSError, RecursionError) as error:
        raise InputError(f"{path}: is broken, or none of this stage's files; remove it to make it again") from error


def read_rows(path: Path, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """Stream the rows of a Parquet file, or of all `*.parquet` files of a directory in name order, as dicts.

    Errors: InputError for a file that is not readable Parquet.
    """
    for batch in read_batches(path, columns):
        try:
            rows = batch.to_pylist()
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: holds text that is not UTF-8 ({error.reason}); write it again") from error
        except (ValueError, LookupError, OverflowError) as error:
            raise InputError(f"{path}: holds a date or time zone that does not exist ({error}); remove it") from error
        yield from rows


def read_marked(path: Path, marked: Marks, columns: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Stream the positions and rows that are marked, as `read_rows` does. The others never become Python objects."""
    start = 0
    for batch in read_batches(path, columns):
        wanted = marked[start : start + batch.num_rows]
        positions = (start + np.flatnonzero(wanted)).tolist()
        yield from zip(positions, batch.filter(pa.array(wanted)).to_pylist(), strict=True)
        start += batch.num_rows


def read_batches(path: Path, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
    """Stream the rows of a file, or of all `*.parquet` files of a directory, in batches that fit into memory. Errors:
    InputError for a file that is not readable Parquet, and for rows that do not fit."""
    for file in parquet_files(path):
        yield from batches_of(file, columns)


def parquet_files(path: Path) -> list[Path]:
    """Return the Parquet files of a directory, or the file that `path` is."""
    return listed_files(path, "*.parquet") if path.is_dir() else [path]


def check_columns(folder: Path, names: Iterable[str]) -> None:
    """Check a folder of judged traces. Errors: InputError if it has no Parquet file, or one that lacks one of these
    columns or has it in another type."""
    files = parquet_files(folder)
    if not files:
        raise InputError(f"{folder}: holds no Parquet file; name a folder of judged traces that is complete")
    for file in files:
        known = schema_of(file)
        for name in names:
            if known.get_all_field_indices(name) != [known.get_field_index(name)]:
                raise InputError(f"{file}: has no column {name!r}; name a folder of judged traces")
            if known.field(name).type != TRACE.field(name).type:
                raise InputError(
                    f"{file}: the column {name!r} is not as this version of Retort writes it; have the run judge anew"
                )


def schema_of(file: Path) -> pa.Schema:
    """Read a file's columns. Errors: InputError for a file that is not readable Parquet."""
    try:
        return pq.read_schema(file)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise InputError(f"{file}: not a readable Parquet file ({error})") from error


def count_rows(path: Path) -> int:
    """Count the rows of a Parquet file or directory from the footers alone."""
    return sum(pq.read_metadata(file).num_rows for file in parquet_files(path))


def read_problems(path: Path) -> Iterator[Problem]:
    return (Problem(**row) for row in read_rows(path))


def read_traces(path: Path) -> Iterator[Trace]:
    for row in read_rows(path):
        row["verdicts"] = [Verdict(**verdict) for verdict in row["verdicts"]]
        row["searched"] = Searched(**row["searched"]) if row.get("searched") else None
        row["lenient"] = Reading(**row["lenient"]) if row.get("lenient") else None
        yield Trace(**row)
