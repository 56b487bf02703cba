"""What reads the texts of a scorer: a model in transformers or in vLLM."""

from collections.abc import Iterator, Sequence
from typing import Protocol

Written = tuple[list[int], list[int]]
"""A text's tokens, and the positions at which its scores are read; none for a score of the whole."""
Scored = list[tuple[int, list[float]]]
"""Texts that are done: the position of each among those given, and its scores."""


class Reader(Protocol):
    """A model that reads texts."""

    limit: int
    """Tokens of the longest text that it reads."""
    vocabulary: int
    """Rows of its embedding: tokens from this number on it does not know."""
    runtime: str
    """What it runs in, in words."""

    def read(self, texts: Sequence[Written]) -> Iterator[Scored]:
        """Yield the scores of all texts, in the groups in which they are done. Every text has tokens, and at most
        `limit`."""
