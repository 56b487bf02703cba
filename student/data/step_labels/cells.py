"""Takes the cells that step labels are read from, and says which row lacks one."""

from typing import Any

from records.clean import clean_text
from records.errors import InputError
from records.tables import clipped, columns_of


def cell(row: Any, key: str, kind: type | tuple[type, ...], place: str) -> Any:
    """Return a cell of the wanted kind; texts are cleaned. Errors: InputError, for a row that is none as well."""
    if not isinstance(row, dict):
        raise InputError(f"{place}: {clipped(row)} stands where {key!r} is looked for; correct or remove the row")
    value = row.get(key)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        found = f"is {type(value).__name__}" if key in row else f"is missing; the row has {columns_of(row)}"
        raise InputError(f"{place}: {key!r} {found}: check the form of the labels, or remove the row")
    return clean_text(value) if isinstance(value, str) else value


def texts(row: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    """Return a list of at least one text. Errors: InputError."""
    found = cell(row, key, list, place)
    if not found or not all(isinstance(text, str) for text in found):
        raise InputError(f"{place}: {key!r} must be a list of texts; correct or remove the row")
    return tuple(clean_text(text) for text in found)


def until_first_error(count: int, first: int | None, place: str) -> tuple[float | None, ...]:
    """Return labels for `count` steps of which the first wrong one, from 0, is known: right before it, unlabelled
    after it, all right if it is None. Errors: InputError if there is no such step."""
    if first is None:
        return (1.0,) * count
    if not 0 <= first < count:
        raise InputError(f"{place}: the first wrong step is number {clipped(first)} from 0 of {count}; correct the row")
    return (*(1.0,) * first, 0.0, *(None,) * (count - first - 1))
