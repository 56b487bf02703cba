"""Finds the columns of a table in any format, and brings its cells into a form that Parquet can hold."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from records.clean import clean_text, is_exact_float, is_int64
from records.errors import InputError
from records.tables import Row, read_file


def schema_with(schema: pa.Schema, added: dict[str, pa.DataType]) -> pa.Schema:
    """Return the schema with columns added. A column that already has such a name is replaced."""
    for name, kind in added.items():
        at = schema.get_field_index(name)
        schema = schema.set(at, pa.field(name, kind)) if at >= 0 else schema.append(pa.field(name, kind))
    return schema


def cell(value: Any, kind: pa.DataType, place: str) -> Any:
    """Return a cell's value, as JSON text in a column that mixes types or nests. Errors: InputError if it nests too
    deeply."""
    if value is None or not pa.types.is_string(kind) or isinstance(value, str):
        return value
    return json_text(value, place)


def json_text(value: Any, place: str) -> str:
    """Return a value as JSON, clean. Errors: InputError if it nests too deeply."""
    try:
        return clean_text(json.dumps(value, ensure_ascii=False, default=str))
    except RecursionError:
        raise InputError(f"{place}: a value is nested too deeply; simplify or remove the row") from None


def schema_of(path: Path) -> tuple[int, pa.Schema]:
    """Return the number of rows, and a schema with a type for every column. Errors: InputError for an empty file."""
    if path.name.endswith(".parquet") and path.is_file():
        try:
            metadata = pq.read_metadata(path)
            rows, found = metadata.num_rows, metadata.schema.to_arrow_schema()
            schema = pa.schema([field.with_name(clean_text(field.name)) for field in found])
        except (pa.ArrowException, ValueError, OSError) as error:
            raise InputError(f"{path}: not a readable Parquet file ({error})") from error
        twice = [name for name, times in Counter(schema.names).items() if times > 1]
        if twice:
            raise InputError(f"{path}: has the column {clean_text(twice[0])!r} twice; rename one")
        return not_empty(rows, path), schema
    kinds: dict[str, set[str]] = {}
    count = 0
    for _, row in progress_over(read_file(path)):
        count += 1
        for name, value in row.items():
            kinds.setdefault(clean_text(name), set()).add(kind_of_cell(value))
    not_empty(count, path)
    return count, pa.schema([(name, kind_of(found - {"NoneType"})) for name, found in kinds.items()])


def progress_over(rows: Iterator[Row]) -> Iterator[Row]:
    return iter(tqdm(rows, desc="reading", unit=" rows", file=sys.stderr, mininterval=2, leave=False))


def not_empty(count: int, path: Path) -> int:
    if not count:
        raise InputError(f"{path}: has no rows")
    return count


def kind_of_cell(value: Any) -> str:
    """Return what a cell holds: integers that a double, and then that 64 bits cannot hold are told apart."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "int" if is_exact_float(value) else "int64" if is_int64(value) else "large int"
    return type(value).__name__


def kind_of(found: set[str]) -> pa.DataType:
    """Return the Arrow type of a column that holds these kinds of cells; text if they mix or do not fit."""
    for kinds, arrow in (({"bool"}, pa.bool_()), ({"int", "int64"}, pa.int64()), ({"int", "float"}, pa.float64())):
        if found and found <= kinds:
            return arrow
    return pa.string()
