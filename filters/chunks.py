"""Groups traces into chunks on their way to the worker processes, and carries their verdicts back in order."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from filters.in_worker import Verdicts
from records.rows import Trace

CHUNK_TRACES, CHUNK_CHARACTERS = 64, 500_000
"""Bounds of a chunk. Traces go to a worker in chunks because sending one costs about as much as judging it."""
Item = TypeVar("Item")


@dataclass
class Chunk(Generic[Item]):
    """Items whose traces went to a worker together. Made and read by `filters.workers.Workers`."""

    items: list[Item]
    standing: list[Verdicts]
    """The verdicts that each item came with. If it has none, its trace is among those to judge."""
    traces: list[Trace]
    characters: int
    judged: "Future[Any]"
    """The future of what `in_worker.judge_chunk` returns for the traces."""
    verdicts: list[Callable[[], Verdicts]] | None = None
    """A function for each trace that waits for its verdicts; None until the chunk comes back."""


def chunked(items: Iterable[Item], trace_of: Callable[[Item], Trace]) -> Iterator[tuple[list[Item], int]]:
    """Yield the items that go to a worker together, and the number of characters of their traces."""
    chunk: list[Item] = []
    characters = 0
    for item in items:
        chunk.append(item)
        characters += length_of(trace_of(item))
        if len(chunk) == CHUNK_TRACES or characters > CHUNK_CHARACTERS:
            yield chunk, characters
            chunk, characters = [], 0
    if chunk:
        yield chunk, characters


def length_of(trace: Trace) -> int:
    return len(trace.prompt) + len(trace.reasoning) + len(trace.answer) + len(trace.extra)
