"""Takes the rows of a table that appeared within a window of dates."""

from collections.abc import Iterator
from datetime import date

from configs.sources import ProblemFile
from records.errors import InputError
from records.tables import Row, text_of
from teacher.problems.tables import read_table


def rows_in_window(source: ProblemFile) -> Iterator[Row]:
    """Stream the rows from `from` to `until`, both days included; `limit` counts only these.

    Errors: InputError for a date that is none, and if no row is left.
    """
    if source.since is None and source.until is None:
        yield from read_table(source)
        return
    first, last, left = date.max, date.min, 0
    for place, row in read_table(source.model_copy(update={"limit": None})):
        day = day_of(row, str(source.columns.date), place)
        first, last = min(first, day), max(last, day)
        if (source.since or day) <= day <= (source.until or day):
            left += 1
            yield place, row
            if left == source.limit:
                return
    if not left:
        raise InputError(
            f"{source.path}: no problem appeared from {source.since or 'the first'} until {source.until or 'the last'} "
            f"day; its dates run from {first} to {last}"
        )


def day_of(row: dict[str, object], column: str, place: str) -> date:
    if isinstance(row.get(column), date):  # Parquet has a type for it
        row = {column: str(row[column])}
    text = text_of(row, column, place)
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise InputError(f"{place}: column {column!r} is {text!r}, no date like 2024-08-17; correct the row") from None
