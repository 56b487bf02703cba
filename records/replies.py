"""Replies that an outcome reward model is trained on, and which of them are compared."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa

from records.parquet import read_rows

REPLIES, PAIRS = "replies.parquet", "pairs.parquet"


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply to a problem. Made from judged traces or a table of pairs; read by the training of reward models."""

    source: str
    problem_id: str
    attempt: int
    sample_index: int
    prompt: str
    reasoning: str
    answer: str
    closed: bool
    """True if the reasoning was closed, or if there is none."""
    accepted: bool
    """True for one that was accepted, or is the better one of its pair."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replies to one problem, by their numbers in the file of replies, from 0."""

    chosen: int
    rejected: int


REPLY = pa.schema(
    [
        ("source", pa.string()),
        ("problem_id", pa.string()),
        ("attempt", pa.int32()),
        ("sample_index", pa.int32()),
        *((name, pa.string()) for name in ("prompt", "reasoning", "answer")),
        ("closed", pa.bool_()),
        ("accepted", pa.bool_()),
    ]
)
PAIR = pa.schema([(field.name, pa.int64()) for field in fields(Pair)])


def read_replies(folder: Path) -> Iterator[Reply]:
    return (Reply(**row) for row in read_rows(folder / REPLIES))


def read_pairs(folder: Path) -> Iterator[Pair]:
    return (Pair(**row) for row in read_rows(folder / PAIRS))
