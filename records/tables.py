"""Reads rows of JSONL(.gz), JSON(.gz) and Parquet files, each with its file and line for error messages."""

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from records.clean import clean_text, holds_half_character
from records.errors import InputError
from records.parquet import read_rows

Row = tuple[str, dict[str, Any]]
MOST_LINE_MIB = 64
"""Longest line of a file in MiB. A row takes several times that in memory; the longest traces of public data sets have
2 MiB."""
MOST_JSON_MIB = 512
"""Longest JSON file in MiB, unpacked: it is read as a whole, and takes several times that in memory."""
MOST_NAMED, MOST_SHOWN = 20, 60
"""Columns that a message names, and characters that it shows of a name or a value."""
EXACT = 2**53
"""From here on not every whole number is a float. Readers make floats of whole numbers beside others or empty cells."""
ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet")


def read_file(path: Path) -> Iterator[Row]:
    """Stream pairs `(place, row)`; place is `file:line` for messages. Errors: InputError for anything unreadable."""
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return read_jsonl(existing(path))
    if path.name.endswith((".json", ".json.gz")):
        return read_json(existing(path))
    if path.name.endswith(".parquet"):
        rows = read_rows(existing(path))
        return ((f"{path}: row {index}", row) for index, row in enumerate(rows, start=1))
    raise InputError(f"{path}: must end in {', '.join(ENDINGS)}")


def existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"{path}: no such file (looked for {path.absolute()}); correct its path in the config")
    return path


def read_jsonl(path: Path) -> Iterator[Row]:
    opener = gzip.open if path.name.endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            most = MOST_LINE_MIB << 20
            for number, line in enumerate(iter(partial(file.readline, most + 1), b""), start=1):
                if len(line) > most:
                    raise InputError(f"{path}:{number}: longer than {MOST_LINE_MIB} MiB; shorten or remove the row")
                if line.strip():
                    yield f"{path}:{number}", parse_row(line, f"{path}:{number}")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: broken gzip file ({error}); copy it again") from error


def parse_row(line: bytes, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 (byte {error.start}); re-encode the file") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not JSON ({error}); correct or remove the line") from error
    return mapping(row, place)


def read_json(path: Path) -> Iterator[Row]:
    """Read a JSON file, which must hold a list of objects."""
    rows = load_json(path)
    if not isinstance(rows, list):
        raise InputError(f"{path}: must be a list of objects, found {type(rows).__name__}")
    return ((f"{path}: row {index}", mapping(row, f"{path}: row {index}")) for index, row in enumerate(rows, start=1))


def load_json(path: Path) -> Any:
    """Return what a JSON file holds, packed or not. Errors: InputError, for one that is too long as well."""
    most = MOST_JSON_MIB << 20
    try:
        with (gzip.open if path.name.endswith(".gz") else open)(path, "rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise InputError(f"{path}: longer than {MOST_JSON_MIB} MiB; write it as .jsonl, which is read row by row")
        return json.loads(content.decode("utf-8-sig"))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: broken gzip file ({error}); copy it again") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON in UTF-8 ({error})") from error


def mapping(row: Any, place: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise InputError(f"{place}: a row is an object with columns, found {type(row).__name__}")
    return row


def columns_of(row: dict[str, Any]) -> str:
    """Return the names of a row's columns for a message: a file may have a million, each of any length."""
    names = [clipped(name) for name in islice(row, MOST_NAMED)]
    return ", ".join(names) + (f" and {len(row) - MOST_NAMED:,} more" if len(row) > MOST_NAMED else "")


def clipped(value: Any) -> str:
    """Return a value as a message shows it: a text on one line, else as Python writes it; not all of it."""
    text = " ".join(clean_text(value).splitlines()) if isinstance(value, str) else repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def text_of(row: dict[str, Any], column: str, place: str, may_be_empty: bool = False) -> str:
    """Return the cell as text. Numbers are accepted because references are often numeric; NaN and, unless
    `may_be_empty`, empty and null cells are not. Errors: InputError."""
    if column not in row:
        raise InputError(f"{place}: has no column {column!r}; it has {columns_of(row)}: set columns in the config")
    value = row[column]
    if value is None and may_be_empty:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{place}: column {column!r} must be text or a number, found {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{place}: column {column!r} is {value}; correct or remove the row")
    if isinstance(value, float) and abs(value) >= EXACT:
        raise InputError(
            f"{place}: column {column!r} is {value}: numbers of that size lose digits in the file or while it is read; "
            "write them as text"
        )
    text = str(value)
    if holds_half_character(text):
        raise InputError(f"{place}: column {column!r} holds half a character (a lone surrogate); correct the row")
    if not text.strip() and not may_be_empty:
        raise InputError(f"{place}: column {column!r} is empty; correct or remove the row")
    return clean_text(text)
