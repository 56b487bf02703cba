"""Rows of a JSONL(.gz), JSON or Parquet file or of a Hugging Face dataset, each with the place it came from."""

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from configs.sources import RowFile
from records.errors import InputError
from records.parquet import read_rows

Row = tuple[str, dict[str, Any]]


def read_table(source: RowFile) -> Iterator[Row]:
    """Stream `(place, row)`; place is `file:line` for messages. Errors: InputError for anything unreadable or empty."""
    empty = True
    for row in islice(open_table(source), source.limit):
        empty = False
        yield row
    if empty:
        raise InputError(f"{source.path}: has no rows")


def open_table(source: RowFile) -> Iterator[Row]:
    path = Path(source.path)
    if source.path.endswith((".jsonl", ".jsonl.gz")):
        return read_jsonl(existing(path))
    if source.path.endswith(".json"):
        return read_json(existing(path))
    if source.path.endswith(".parquet"):
        rows = read_rows(existing(path))
        return ((f"{path}: row {index}", row) for index, row in enumerate(rows, start=1))
    return read_dataset(source)


def existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"{path}: no such file (looked for {path.absolute()}); correct its path in the config")
    return path


def read_jsonl(path: Path) -> Iterator[Row]:
    opener = gzip.open if path.name.endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{path}:{number}", parse_row(line, f"{path}:{number}")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: broken gzip file ({error}); copy it again") from error


def parse_row(line: bytes, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 (byte {error.start}); re-encode the file") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not JSON ({error}); correct or remove the line") from error
    return mapping(row, place)


def read_json(path: Path) -> Iterator[Row]:
    """A JSON file is a list of objects."""
    try:
        rows = json.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON in UTF-8 ({error})") from error
    if not isinstance(rows, list):
        raise InputError(f"{path}: must be a list of objects, found {type(rows).__name__}")
    return ((f"{path}: row {index}", mapping(row, f"{path}: row {index}")) for index, row in enumerate(rows, start=1))


def mapping(row: Any, place: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise InputError(f"{place}: a row is an object with columns, found {type(row).__name__}")
    return row


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


def text_of(row: dict[str, Any], column: str, place: str, may_be_empty: bool = False) -> str:
    """The cell as text. Numbers are accepted as references are often numeric; NaN and empty cells are not."""
    if column not in row:
        raise InputError(f"{place}: has no column {column!r}; it has {', '.join(row)}: set columns in the config")
    value = row[column]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{place}: column {column!r} must be text or a number, found {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{place}: column {column!r} is {value}; correct or remove the row")
    text = str(value)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise InputError(f"{place}: column {column!r} holds half a character (a lone surrogate); correct the row")
    if not text.strip() and not may_be_empty:
        raise InputError(f"{place}: column {column!r} is empty; correct or remove the row")
    return text


def source_name(source: RowFile) -> str:
    """The source's given name, or its file's without folder and ending."""
    return source.source or source.path.rstrip("/").rpartition("/")[2].split(".")[0]
