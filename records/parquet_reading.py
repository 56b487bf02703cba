"""Reads Parquet files in batches that fit into memory, whatever a file claims or repeats."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import InputError
from records.parquet_bounds import chunks_of, columns_of, pieces_of, rows_within

ROOT = Path(__file__).resolve().parent.parent
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from records.parquet_apart import main; main()"
APART = [sys.executable, "-P", "-c", START]
"""Reads what may take any amount of memory, in a process that may not."""


def batches_of(path: Path, columns: list[str] | None, groups: list[int] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, or of some of its row groups. Errors: InputError for a file that is not Parquet, and
    for rows that do not fit into memory."""
    try:
        with (
            pq.ParquetFile(path) as parquet,
            path.open("rb") as file,
            closing(mmap(file.fileno(), 0, access=ACCESS_READ)) as content,
        ):
            metadata = parquet.metadata
            read = columns_of(metadata, columns)
            for group in range(metadata.num_row_groups) if groups is None else groups:
                rows = rows_within(chunks_of(content, metadata.row_group(group), read))
                if rows is None:
                    yield from batches_apart(path, columns, group)
                else:
                    for batch in parquet.iter_batches(rows, row_groups=[group], columns=columns):
                        yield from pieces_of(batch)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (pa.ArrowException, ValueError, OSError, MemoryError) as error:  # names that are not UTF-8 are ValueErrors
        raise InputError(f"{path}: not a readable Parquet file ({error})") from error


def batches_apart(path: Path, columns: list[str] | None, group: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a row group that a process with a limit of memory reads. Errors: InputError."""
    asked = json.dumps({"path": str(path.absolute()), "columns": columns, "group": group})
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}
    with subprocess.Popen(
        [*APART, asked], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout
        assert process.stderr
        try:
            yield from pa.ipc.open_stream(process.stdout)
            process.stdout.close()
            if not process.wait():
                return
        except pa.ArrowException:  # it ended before the rows did
            pass
        finally:
            process.kill()
        said = process.stderr.read(10_000).decode(errors="replace").strip().splitlines()
        raise InputError(said[-1] if said else f"row group {group} cannot be read (status {process.wait()})")
