"""Parquet files with a column of logprobs: beside a stage's traces, and the rows of a dataset.

They are written and read in row groups of bounded size: 32k tokens with 20 logprobs each take 4 MB in memory, and a
hundred times as much as Python numbers.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from records.batches import BATCH_ROWS
from records.errors import InputError
from records.files import whole_file
from records.logprobs import TokenLogprobs
from records.parquet import Marks, parquet_files
from records.parquet_reading import batches_of
from records.requests import Key
from records.schemas import DATASET

LOGPROBS = "logprobs"
"""The column, and the folder beside a stage's traces."""
GROUP_BYTES = 32 << 20
"""Bytes of logprobs after which a row group ends."""
KEY = ("problem_id", "attempt", "sample_index")
COLUMN = pa.field(
    LOGPROBS,
    pa.struct(
        [
            ("vocabulary", pa.string()),
            ("token_ids", pa.list_(pa.int32())),
            ("logprobs", pa.list_(pa.float16())),
            ("top_ids", pa.list_(pa.int32())),
            ("top_logprobs", pa.list_(pa.float16())),
        ]
    ),
)
"""A `TokenLogprobs`: a completion's n token ids and their n logprobs, and n * k of each of the last two, token by
token. Null for a completion without them."""
OF_TRACES = pa.schema([*(DATASET.field(name) for name in KEY), COLUMN])
"""The logprobs of a file of traces: row i belongs to that file's row i."""
DATASET_WITH_LOGPROBS = DATASET.append(COLUMN)
NUMBERS = [f"{LOGPROBS}.{name}.list.element" for name in ("token_ids", "logprobs", "top_ids", "top_logprobs")]


def logprobs_beside(traces: Path) -> Path:
    """Return the path of the logprobs of a file of traces."""
    return traces.parent / LOGPROBS / traces.name


def write_with_logprobs(
    path: Path, rows: Iterable[tuple[dict[str, Any], TokenLogprobs | None]], schema: pa.Schema
) -> int:
    """Write rows, each with its logprobs or None, to `path` atomically, and return the number of rows.

    Each byte of the numbers goes into a stream of its own (BYTE_STREAM_SPLIT): with 10 logprobs a token takes 40 bytes,
    against 42 with Parquet's defaults and 59 to 70 with numbers of 32 bits (`python -m bench.logprobs`).
    """
    count = 0
    options: dict[str, Any] = {"compression": "zstd", "use_dictionary": [], "use_byte_stream_split": NUMBERS}
    with whole_file(path) as temporary, pq.ParquetWriter(temporary, schema, **options) as writer:
        for group in groups(rows):
            table = [row | {LOGPROBS: found.row() if found else None} for row, found in group]
            writer.write_table(pa.Table.from_pylist(table, schema=schema))
            count += len(group)
    return count


def groups(
    rows: Iterable[tuple[dict[str, Any], TokenLogprobs | None]],
) -> Iterator[list[tuple[dict[str, Any], TokenLogprobs | None]]]:
    """Yield the rows of each row group."""
    group, size = [], 0
    for row, found in rows:
        group.append((row, found))
        size += found.nbytes if found else 0
        if size >= GROUP_BYTES or len(group) == BATCH_ROWS:
            yield group
            group, size = [], 0
    if group:
        yield group


def read_logprobs(path: Path, marked: Marks | None = None) -> Iterator[tuple[Key, TokenLogprobs | None]]:
    """Stream problem_id, attempt and sample_index of each row of a file or a folder, with its logprobs; with `marked`
    only of the rows that are marked. Errors: InputError for a file that is not readable Parquet with these columns."""
    start = 0
    for file in parquet_files(path):
        try:
            metadata = pq.read_metadata(file)
            for number in range(metadata.num_row_groups):
                count = metadata.row_group(number).num_rows
                wanted = np.flatnonzero(marked[start : start + count]) if marked is not None else np.arange(count)
                start += count
                if len(wanted):
                    yield from rows_of(batches_of(file, [*KEY, LOGPROBS], [number]), wanted)
        except (pa.ArrowException, OSError, KeyError, InputError) as error:
            told = str(error).removeprefix(f"{file}: ")
            raise InputError(f"{file}: not a readable Parquet file of logprobs ({told})") from error


def rows_of(batches: Iterable[pa.RecordBatch], wanted: NDArray[np.int64]) -> Iterator[tuple[Key, TokenLogprobs | None]]:
    """Yield the wanted rows, which are numbered from the first batch on."""
    start = 0
    for batch in batches:
        keys = [batch[name] for name in KEY]
        for row in (wanted[(wanted >= start) & (wanted < start + batch.num_rows)] - start).tolist():
            problem, attempt, index = (column[row].as_py() for column in keys)
            yield (problem, attempt, index), value_of(batch[LOGPROBS][row])
        start += batch.num_rows


def value_of(cell: pa.StructScalar) -> TokenLogprobs | None:
    """Read one cell of the column, without turning its numbers into Python objects. Errors: InputError for numbers that
    no model gives."""
    if not cell.is_valid:
        return None
    ids, logprobs, top_ids, top_logprobs = (
        numbers_of(cell[name]) for name in ("token_ids", "logprobs", "top_ids", "top_logprobs")
    )
    shape = len(ids), len(top_ids) // max(1, len(ids))
    for wrong, why in (
        (len(logprobs) != len(ids), "not one for each token"),
        (len(top_ids) != len(top_logprobs) or len(top_ids) != shape[0] * shape[1], "not as many for each token"),
    ):
        if wrong:
            raise impossible(why)
    found = TokenLogprobs(
        cell["vocabulary"].as_py() or "", ids, logprobs, top_ids.reshape(shape), top_logprobs.reshape(shape)
    )
    if found.fault:
        raise impossible(found.fault)
    return found


def impossible(why: str) -> InputError:
    return InputError(f"holds logprobs {why}; delete the stage that wrote it, to sample again")


def numbers_of(numbers: pa.ListScalar) -> NDArray[Any]:
    """Return a list of numbers. Errors: InputError for one that is not there, or lacks some."""
    if not numbers.is_valid or numbers.values.null_count:
        raise InputError("lacks numbers of its logprobs; delete the stage that wrote it, to sample again")
    return numbers.values.to_numpy(zero_copy_only=False)
