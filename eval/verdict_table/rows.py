"""Streams the rows of a JSONL, JSON, CSV or Parquet file, each read once, with only the columns that are wanted."""

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from eval.verdict_table.columns import Columns
from records.errors import InputError
from records.parquet import read_rows
from records.tables import Row, clipped, columns_of, load_json, mapping, read_jsonl

ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".csv", ".csv.gz", ".parquet")
LONGEST_ROW = 64 << 20
"""Characters of a row of CSV, over all its lines; Python's default for a cell, 131,072, is less than a long
completion."""


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
                raise missing(place, name, row, columns)
        yield place, row


def missing(place: str, name: str, row: dict[str, Any], columns: Columns) -> InputError:
    """Return the error that names the option with which another column is read instead."""
    parts: dict[str, str] = {columns.correct: "correct", **dict.fromkeys(columns.problem, "problem")}
    parts |= {columns.optional[part]: part for part in columns.required}
    option = f": name the right one with --{parts[name]}-column" if name in parts else ""
    return InputError(f"{place}: has no column {name!r}; it has {columns_of(row)}{option}")


def parquet_rows(path: Path, columns: Columns) -> Iterator[Row]:
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, ValueError, OSError) as error:
        raise InputError(f"{path}: not a readable Parquet file ({error})") from error
    check_header(path, names)
    for name in columns.must_have():
        if name not in names:
            raise missing(str(path), name, dict.fromkeys(names), columns)
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
    found = load_json(path)
    if isinstance(found, dict):
        lists = [name for name, value in found.items() if isinstance(value, list)]
        if key not in lists:
            raise InputError(
                f"{path}: holds an object; name its list of rows with --rows ({columns_of(dict.fromkeys(lists))})"
            )
        found = found[key]
    if not isinstance(found, list):
        raise InputError(f"{path}: must be a list of objects, found {type(found).__name__}")
    return ((f"{path}: row {at}", mapping(row, f"{path}: row {at}")) for at, row in enumerate(found, start=1))


class Lines:
    """Hands the lines of a file to a CSV reader, and refuses a row that goes on too long: a cell in quotes may have any
    number of lines. `row` counts the characters since a row ended."""

    def __init__(self, text: TextIO, path: Path) -> None:
        self.text, self.path, self.row = text, path, 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_ROW - self.row + 1)
        self.row += len(line)
        if self.row > LONGEST_ROW:
            raise InputError(f"{self.path}: has a row of more than {LONGEST_ROW >> 20} MiB; shorten or remove it")
        if not line:
            raise StopIteration
        return line


def csv_rows(path: Path) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_ROW)
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as text:
        lines = Lines(text, path)
        reader = csv.DictReader(lines, strict=True)
        try:
            check_header(path, reader.fieldnames)
            for row in reader:
                lines.row = 0
                place = f"{path}:{reader.line_num}"
                if None in row:
                    raise InputError(f"{place}: has more cells than the header has names; correct the row")
                yield place, row
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8 after line {reader.line_num}; re-encode the file") from error
        except (csv.Error, EOFError, OSError, zlib.error) as error:
            raise InputError(f"{path}:{reader.line_num}: not readable CSV ({error}); correct the file") from error


def check_header(path: Path, names: Sequence[str] | None) -> None:
    if not names:
        raise InputError(f"{path}: is empty; the first line must name the columns")
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise InputError(f"{path}: has two columns named {clipped(twice[0])!r}; rename one")
