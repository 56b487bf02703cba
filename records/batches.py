"""Gathers rows into batches, by their number or by their size as well."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

BATCH_ROWS, BATCH_CHARACTERS = 1024, 64 << 20
"""Rows, and characters of their texts, that are held in memory at a time for writing."""


def batched(rows: Iterable[Any], size: int = BATCH_ROWS) -> Iterator[list[Any]]:
    """Yield lists of at most `size` rows, in order (`itertools.batched` needs Python 3.12)."""
    return bounded(rows, size, lambda row: 0)


def batched_by_size(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield lists of at most `BATCH_ROWS` rows and about `BATCH_CHARACTERS` characters, in order."""
    return bounded(rows, BATCH_ROWS, characters_of)


def bounded(rows: Iterable[Any], size: int, characters_of: Callable[[Any], int]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += characters_of(row)
        if len(batch) == size or characters > BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def characters_of(value: Any) -> int:
    """Count the characters of all texts in a row: of a dataclass or a dict, and in its lists."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(characters_of, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(characters_of, value))
    return sum(characters_of(getattr(value, field.name)) for field in fields(value)) if is_dataclass(value) else 0
