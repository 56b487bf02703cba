"""Reads one row group of a Parquet file in a process with a limit of memory, and sends its rows as an Arrow stream.

A list of a million texts that are one and the same takes a few bytes of a file, and only reading it tells.
"""

import json
import resource
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import InputError
from records.parquet_bounds import pieces_of

MOST_MIB = 4096
"""MiB of address space, of which the libraries take some 500."""
ROWS = 8
"""Rows that are read at a time: at most as many as `MOST_ROW_MIB` fits into `MOST_MIB`."""


def main() -> None:
    """Read what the one argument asks for. An error is one line on standard error and status 3."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MIB << 20, MOST_MIB << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.loads(sys.argv[1])
    try:
        send(Path(asked["path"]), asked["columns"], asked["group"])
    except BrokenPipeError:  # whoever asked has seen enough
        sys.exit(1)
    except InputError as error:
        sys.exit(f"{error}")
    except MemoryError:  # Arrow's is one too
        sys.exit(f"{ROWS} of its rows take more than {MOST_MIB:,} MiB together; write shorter rows")
    except (pa.ArrowException, OSError) as error:
        sys.exit(f"not a readable Parquet file ({error})")


def send(path: Path, columns: list[str] | None, group: int) -> None:
    with pq.ParquetFile(path) as parquet:
        batches = parquet.iter_batches(ROWS, row_groups=[group], columns=columns, use_threads=False)
        writer = None
        for batch in batches:
            for piece in pieces_of(batch):
                writer = writer or pa.ipc.new_stream(sys.stdout.buffer, piece.schema)
                writer.write_batch(piece)
        writer = writer or pa.ipc.new_stream(sys.stdout.buffer, parquet.schema_arrow)
        writer.close()
