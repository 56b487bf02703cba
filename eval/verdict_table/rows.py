"""Streams the rows of a JSONL, JSON, CSV or Parquet file, each read once, with only the columns that are wanted."""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eval.verdict_table.columns import Columns
from records.errors import InputError
from records.parquet import read_rows
from records.tables import Row, mapping, read_jsonl

ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".csv", ".csv.gz", ".parquet")
LONGEST_CELL = 2**31 - 1
"""Characters of a CSV cell; Python's default of 131,072 is less than a long completion."""


def table_rows(path: Path, columns: Columns, key: str | None = None) -> Iterator[Row]:
    """Stream pairs `(place, row)`; place is `file:line` for messages. `key` names the list of rows in a JSON object.

    Errors: InputError for an unreadable file or a missing column.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file (looked for {path.absolute()})")
    name = path.name.removesuffix(".gz")
    if path.name.endswith(".parquet"):
        return parquet_rows(path, columns)
    if name.endswith(".jsonl"):
        return checked(read_jsonl(path), columns)
    if name.endswith(".json"):
        return checked(json_rows(path, key), columns)
    if name.endswith(".csv"):
        return checked(csv_rows(path), columns)
    raise InputError(f"{path}: must end in {', '.join(ENDINGS)}")


def checked(rows: Iterator[Row], columns: Columns) -> Iterator[Row]:
    """Check that every row has the columns that a table needs. JSON objects may leave out the optional ones."""
    must_have = columns.must_have()
    for place, row in rows:
        for name in must_have:
            if name not in row:
                raise missing(place, name, list(row), columns)
        yield place, row


def missing(place: str, name: str, names: list[str], columns: Columns) -> InputError:
    """Return the error that names the option with which another column is read instead."""
    parts: dict[str, str] = {columns.correct: "correct", **dict.fromkeys(columns.problem, "problem")}
    parts |= {columns.optional[part]: part for part in columns.required}
    option = f": name the right one with --{parts[name]}-column" if name in parts else ""
    return InputError(f"{place}: has no column {name!r}; it has {', '.join(names)}{option}")


def parquet_rows(path: Path, columns: Columns) -> Iterator[Row]:
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, ValueError, OSError) as error:
        raise InputError(f"{path}: not a readable Parquet file ({error})") from error
    check_header(path, names)
    for name in columns.must_have():
        if name not in names:
            raise missing(str(path), name, names, columns)
    return converted(path, [name for name in columns.wanted() if name in names])


def converted(path: Path, names: list[str]) -> Iterator[Row]:
    """Yield rows as Python objects. Errors: InputError for what Python cannot hold, such as a date after 9999."""
    try:
        for number, row in enumerate(read_rows(path, names), start=1):
            yield f"{path}: row {number}", row
    except (ValueError, ArithmeticError, LookupError) as error:
        raise InputError(f"{path}: holds a value that cannot be read ({error}); write the column as text") from error


def json_rows(path: Path, key: str | None) -> Iterator[Row]:
    """Read a JSON file whole: a list of rows, or an object that holds one under `key`."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
        found = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError, OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not JSON in UTF-8 ({error})") from error
    if isinstance(found, dict):
        lists = [name for name, value in found.items() if isinstance(value, list)]
        if key not in lists:
            raise InputError(f"{path}: holds an object; name its list of rows with --rows ({', '.join(lists)})")
        found = found[key]
    if not isinstance(found, list):
        raise InputError(f"{path}: must be a list of objects, found {type(found).__name__}")
    return ((f"{path}: row {at}", mapping(row, f"{path}: row {at}")) for at, row in enumerate(found, start=1))


def csv_rows(path: Path) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, strict=True)
        try:
            check_header(path, reader.fieldnames)
            for row in reader:
                place = f"{path}:{reader.line_num}"
                if None in row:
                    raise InputError(f"{place}: has more cells than the header has names; correct the row")
                yield place, row
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8 after line {reader.line_num}; re-encode the file") from error
        except (csv.Error, EOFError, OSError, zlib.error) as error:
            raise InputError(f"{path}:{reader.line_num}: not readable CSV ({error}); correct the file") from error


def check_header(path: Path, names: Any) -> None:
    if not names:
        raise InputError(f"{path}: is empty; the first line must name the columns")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path}: has two columns named {twice[0]!r}; rename one")
