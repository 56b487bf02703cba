"""Finds the columns of a table in any format, and brings its cells into a form that Parquet can hold."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from records.errors import InputError
from records.tables import Row, read_file

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def schema_with(schema: pa.Schema, added: dict[str, pa.DataType]) -> pa.Schema:
    """Return the schema with columns added. A column that already has such a name is replaced."""
    for name, kind in added.items():
        at = schema.get_field_index(name)
        schema = schema.set(at, pa.field(name, kind)) if at >= 0 else schema.append(pa.field(name, kind))
    return schema


def whole_characters(row: dict[str, Any]) -> dict[str, Any]:
    """Replace what Parquet cannot write. A model's output may be cut inside a character, and JSON then holds a lone
    surrogate."""
    broken = [name for name, value in row.items() if isinstance(value, str) and LONE_SURROGATE.search(value)]
    return row | {name: LONE_SURROGATE.sub("\ufffd", row[name]) for name in broken} if broken else row


def cell(value: Any, kind: pa.DataType) -> Any:
    """Return a cell's value, as JSON text in a column that mixes types or nests."""
    if value is None or not pa.types.is_string(kind) or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def schema_of(path: Path) -> tuple[int, pa.Schema]:
    """Return the number of rows, and a schema with a type for every column. Errors: InputError for an empty file."""
    if path.name.endswith(".parquet") and path.is_file():
        try:
            metadata = pq.read_metadata(path)
            return not_empty(metadata.num_rows, path), metadata.schema.to_arrow_schema().remove_metadata()
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{path}: not a readable Parquet file ({error})") from error
    kinds: dict[str, set[type]] = {}
    count = 0
    for _, row in progress_over(read_file(path)):
        count += 1
        for name, value in row.items():
            kinds.setdefault(name, set()).add(type(value))
    not_empty(count, path)
    return count, pa.schema([(name, kind_of(found - {type(None)})) for name, found in kinds.items()])


def progress_over(rows: Iterator[Row]) -> Iterator[Row]:
    return iter(tqdm(rows, desc="reading", unit=" rows", file=sys.stderr, mininterval=2, leave=False))


def not_empty(count: int, path: Path) -> int:
    if not count:
        raise InputError(f"{path}: has no rows")
    return count


def kind_of(found: set[type]) -> pa.DataType:
    """Return the Arrow type of a column that holds these Python types; text if they mix."""
    for kinds, arrow in (({bool}, pa.bool_()), ({int}, pa.int64()), ({int, float}, pa.float64())):
        if found and found <= kinds:
            return arrow
    return pa.string()
