"""The prefixes that a search knows, what it wishes to have drawn, and how prefixes rank."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from records.rows import CUT_OFF, FINISHED, LOOPED

VERSION = "1"
"""Raised when a search with the same settings draws or keeps something else."""

Path = tuple[int, ...]
"""The choices that lead from the empty prefix to a node: the number of the child taken at each step."""


@dataclass(frozen=True, slots=True)
class Node:
    """A prefix of a trace, or a whole one. Made by `expansion.py`; ranked by strategies."""

    path: Path = ()
    text: str = ""
    """The completion so far, with its tags."""
    finish: str = ""
    """Its finish_reason; empty while it can go on."""
    value: float | None = None
    """What the scorer says of it; None if it left it out."""
    tokens: int = 0
    """Tokens of the completion so far, as the engine counts them."""
    prompt_tokens: int = 0
    """Tokens of the problem's prompt; known once something was drawn."""
    detail: str = ""
    """Why it failed, in one line; empty if it did not."""

    @property
    def lives(self) -> bool:
        """True if it can go on."""
        return not self.finish

    @property
    def has_text(self) -> bool:
        """True unless its request failed or was too long."""
        return self.finish in ("", FINISHED, CUT_OFF, LOOPED)


@dataclass(frozen=True, slots=True)
class Wish:
    """A continuation that a strategy wants: the child of `parent` with that number."""

    parent: Node
    choice: int
    whole: bool = False
    """True to draw to the end of the trace instead of the end of a step."""

    @property
    def path(self) -> Path:
        return (*self.parent.path, self.choice)


Strategy = Generator[list[Wish], list[Node], Node]
"""Yields the wishes of a round, is sent their nodes in the same order, and returns the trace that it found. That trace
is cut off if no path came to its end, and failed if every request did."""


def by_value(node: Node) -> tuple[bool, float]:
    """Return the key by which nodes rank. What the scorer left out is last."""
    return node.value is not None, node.value or 0.0


def ranked(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes that go on or are finished, the best first. Of equal values the earlier one is first, and of
    equal texts only the first is kept: a second beam of the same text would find nothing else."""
    distinct: dict[str, Node] = {}
    for node in nodes:
        if node.lives or node.finish == FINISHED:
            distinct.setdefault(node.text, node)
    return sorted(distinct.values(), key=by_value, reverse=True)


def best(nodes: Iterable[Node]) -> Node:
    """Return the best of nodes that have ended: a finished one before one that was cut off, that before a failed one,
    then by value."""
    return max(nodes, key=lambda node: (node.finish == FINISHED, node.has_text, *by_value(node)))
