"""Rows of a file or of a Hugging Face dataset, each with the place it came from."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from configs.sources import RowFile
from records.errors import InputError
from records.tables import ENDINGS, Row, read_file


def read_table(source: RowFile) -> Iterator[Row]:
    """Stream `(place, row)`; place is `file:line` for messages. Errors: InputError for anything unreadable or empty."""
    empty = True
    for row in islice(open_table(source), source.limit):
        empty = False
        yield row
    if empty:
        raise InputError(f"{source.path}: has no rows")


def open_table(source: RowFile) -> Iterator[Row]:
    return read_file(Path(source.path)) if source.path.endswith(ENDINGS) else read_dataset(source)


def read_dataset(source: RowFile) -> Iterator[Row]:
    """Stream a Hugging Face dataset, or a local folder in its form."""
    import datasets  # ~2 s

    name = source.path.removeprefix("hf://")
    try:
        rows = datasets.load_dataset(name, source.subset, split=source.split, revision=source.revision, streaming=True)
        for index, row in enumerate(rows, start=1):
            yield f"{source.path}: row {index}", row
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{source.path}: neither a .jsonl, .jsonl.gz, .json or .parquet file nor a dataset that loads ({reason})"
        ) from error


def source_name(source: RowFile) -> str:
    """The source's given name, or its file's without folder and ending."""
    return source.source or source.path.rstrip("/").rpartition("/")[2].split(".")[0]
