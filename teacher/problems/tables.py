"""Reads rows of a file or a Hugging Face dataset, each with its position for error messages."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from configs.sources import RowFile
from records.errors import InputError
from records.tables import ENDINGS, Row, read_file, text_of
from teacher.problems.dataset_rows import read_dataset


def read_table(source: RowFile) -> Iterator[Row]:
    """Stream pairs `(place, row)`; place is `file:line` for messages. Errors: InputError if unreadable or empty."""
    empty = True
    for row in islice(open_table(source), source.limit):
        empty = False
        yield row
    if empty:
        raise InputError(f"{source.path}: has no rows")


def open_table(source: RowFile) -> Iterator[Row]:
    if source.path.endswith(ENDINGS):
        return read_file(Path(source.path))
    return read_dataset_files(source) if source.files else read_dataset(source)


def read_dataset_files(source: RowFile) -> Iterator[Row]:
    """Stream the rows of single files of a dataset, on the hub or in a folder. Errors: InputError if one is missing."""
    for name in source.files:
        path = downloaded(source, source.hub_name, name) if source.hub_name else Path(source.path) / name
        for place, row in read_file(path):
            yield f"{source.path}: {place.removeprefix(f'{path.parent}/')}", row


def downloaded(source: RowFile, hub_name: str, name: str) -> Path:
    """Return where a file of the hub lies in its cache; it is downloaded if it is not there yet."""
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(hub_name, name, repo_type="dataset", revision=source.revision))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{source.path}: {name} does not load ({reason}); check `files`") from error


def source_name(source: RowFile) -> str:
    """Return the source's configured name, or else its file's name without folder and extension."""
    return source.source or source.path.rstrip("/").rpartition("/")[2].split(".")[0]


def extra_of(row: dict[str, Any], columns: dict[str, str], place: str) -> str:
    """Return `extra_values` as JSON; without columns the string is empty. Errors: InputError for a missing column, or a
    value that JSON cannot hold."""
    return as_json(extra_values(row, columns, place), place) if columns else ""


def extra_values(row: dict[str, Any], columns: dict[str, str], place: str) -> dict[str, Any]:
    """Return what a verifier needs besides the reference, and by what scores are grouped: each name with its column's
    value. Errors: InputError for a missing column."""
    missing = [column for column in columns.values() if column not in row]
    if missing:
        raise InputError(
            f"{place}: has no column {missing[0]!r}; it has {', '.join(row)}: set columns.extra in the config"
        )
    return {name: row[column] for name, column in columns.items()}


def as_json(values: dict[str, Any], place: str) -> str:
    try:
        return json.dumps(values, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{place}: columns.extra names a value that JSON cannot hold ({error})") from error


def reference_of(row: dict[str, Any], column: str | None, place: str, may_be_empty: bool = False) -> str:
    """Return the reference, empty without a column. A list of texts, as in OlympiadBench, is joined by commas: an
    answer must have all of them."""
    if column is None:
        return ""
    value = row.get(column)
    if isinstance(value, list) and value and all(isinstance(part, str) and part.strip() for part in value):
        return ", ".join(value)
    return text_of(row, column, place, may_be_empty)
