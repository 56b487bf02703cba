"""Has `datasets` read JSON as it is written.

By itself it casts all values to the types that columns have in the first 10 MB of the first file, so that texts which
look like dates become dates, and writes those of several types as JSON: once more, with ten decimals, and where the
types were found without them, in quotes that nothing takes off.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.json

ROW = "a row as it is written"
"""The only column of a table that is made of JSON here."""
MOST_COLUMNS = 4096
"""Columns of a dataset. Every row has all of them: rows without a name in common would take the square of their
number."""
NOT_BLANK = re.compile(r"[^ \t\r\n]")


class RowsAsWritten:
    """Stands for pyarrow.json in datasets' reader (5.2): keeps each row as a text."""

    ReadOptions = pyarrow.json.ReadOptions

    def __init__(self) -> None:
        self.columns: dict[str, None] = {}
        """All columns that are declared or were seen, which a row may lack."""

    def read_json(self, file: io.BytesIO, read_options: Any) -> pa.Table:
        """Return a table of the column ROW. Errors: ArrowInvalid if the file is not objects, one behind the other;
        LookupError for more than MOST_COLUMNS."""
        try:
            return pa.table({ROW: pa.array([*self.rows_of(file.getvalue().decode("utf-8-sig"))], pa.string())})
        except (ValueError, RecursionError) as error:
            raise pa.ArrowInvalid(str(error)) from error

    def rows_of(self, text: str) -> Iterator[str]:
        decoder, end = json.JSONDecoder(), 0
        while begin := NOT_BLANK.search(text, end):
            row, end = decoder.raw_decode(text, begin.start())
            if not isinstance(row, dict):
                raise ValueError(f"a row is an object with columns, found {type(row).__name__}")
            self.columns |= dict.fromkeys(row)
            if len(self.columns) > MOST_COLUMNS:
                raise LookupError(f"it has more than {MOST_COLUMNS:,} columns")
            yield text[begin.start() : end]

    def decoded(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row of datasets with the columns that it has."""
        return dict.fromkeys(self.columns) | json.loads(row[ROW]) if ROW in row else row


@contextmanager
def exact_json(builder: Any) -> Iterator[RowsAsWritten]:
    """Within the block a builder of datasets makes rows of JSON that are to be `decoded`, and JSON in columns keeps its
    numbers."""
    from datasets.features import features
    from datasets.packaged_modules.json import json as reader

    rows = RowsAsWritten()
    if isinstance(builder, reader.Json):
        rows.columns |= dict.fromkeys(builder.info.features or {})
        builder.info.features, builder.config.on_mixed_types = None, None  # else rows would be cast to those
    exact: dict[str, Any] = {"ujson_dumps": json.dumps, "ujson_loads": json.loads}
    wanted = [(features, exact), (reader, exact | {"paj": rows})]
    replaced = [(module, name, getattr(module, name), new) for module, names in wanted for name, new in names.items()]
    for module, name, _, new in replaced:
        setattr(module, name, new)
    try:
        yield rows
    finally:
        for module, name, before, _ in replaced:
            setattr(module, name, before)
