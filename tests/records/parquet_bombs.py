"""Writes small Parquet files that stand for gigabytes, and reads each as a table is read. Run by test_parquet_bounds.py
in a process of its own, whose memory is measured.

Prints one JSON object: what came of each file, and the most memory that the process has held after it.
"""

import json
import random
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import InputError
from records.parquet import read_rows

HUGE = "x" * (2 << 20)


def repeated(rows: int) -> pa.Array:
    """One text to which every row refers."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([HUGE]))


def plain_text(path: Path, column: pa.Array, **options: object) -> None:
    """Write a dictionary as a file that says that it holds plain text."""
    table = pa.table({"text": column, "number": range(len(column))})
    pq.write_table(table, path, compression="zstd", store_schema=False, **options)


def lists(path: Path, elements: pa.Array) -> None:
    """Write one row that holds all elements."""
    column = pa.ListArray.from_arrays(pa.array([0, len(elements)], pa.int32()), elements)
    pq.write_table(pa.table({"list": column}), path, compression="zstd", store_schema=False)


def repeats_beginnings(path: Path) -> None:
    """Each value is the one before it, in an encoding that only says so."""
    table = pa.table({"text": ["y" * (2 << 20)] * 64})
    encoding = {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}
    whole = pa.concat_tables([table] * 16)
    pq.write_table(whole, path, compression="zstd", **encoding)


def outcome_of(path: Path) -> str:
    try:
        return f"{sum(1 for _ in read_rows(path))} rows"
    except InputError as error:
        return str(error).replace(str(path), "FILE")


def changed(path: Path) -> Iterator[bytes]:
    """Yield a sound file with one byte changed, all over it and densest in its footer."""
    pq.write_table(pa.table({"a": ["text", None, "other"] * 9, "b": [[1, 2], [], None] * 9}), path, store_schema=False)
    data = path.read_bytes()
    draw = random.Random(0)
    for at in range(0, len(data), 3):
        yield data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]


def main(folder: Path) -> None:
    found: dict[str, tuple[str, int]] = {}

    def note(name: str, outcome: str) -> None:
        found[name] = outcome, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

    path = folder / "bomb.parquet"
    plain_text(path, repeated(1024))
    note("written", str(path.stat().st_size))
    note("repeated", outcome_of(path))
    lists(path, repeated(3000))
    note("in a list", outcome_of(path))
    lists(path, pa.array(np.zeros(3 << 24, np.int8)))
    note("numbers in a list", outcome_of(path))
    repeats_beginnings(path)
    note("beginnings", outcome_of(path))
    endings = set()
    for data in changed(path):
        path.write_bytes(data)
        endings.add(outcome_of(path).partition(" (")[0])
    note("changed", " | ".join(sorted(endings)))
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
