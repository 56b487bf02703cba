"""Finds the majority answer of a problem by equivalence class: 0.5 and 1/2 are one answer, not two."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Equal = Callable[[str, str], bool]
MOST_COMPARED = 300
"""Classes that an answer is compared with. Where a table has one prompt in all its rows, tens of thousands of answers
are those of one problem; a class that begins behind so many others is hardly the largest one."""


@dataclass(frozen=True)
class Majority:
    """The largest class of equal answers to one problem."""

    answer: str
    """The commonest spelling in the class; among equals, the first."""
    members: tuple[int, ...]
    """Positions of the answers in the class."""
    n: int
    """Number of answers that voted; empty ones do not."""

    @property
    def votes(self) -> int:
        return len(self.members)

    @property
    def share(self) -> float:
        return self.votes / self.n


def classes(answers: Sequence[str], equal: Equal) -> list[list[int]]:
    """Group positions by equivalence class, in order of first appearance; empty answers are in none.

    Equal spellings need no call. Every other answer is compared with one spelling per class, the first, so that an
    `equal` that is not quite transitive cannot chain two unlike answers together. Only the first MOST_COMPARED classes
    are compared, so that the calls do not grow with the square of the answers.
    """
    spellings: dict[str, list[int]] = {}
    for position, answer in enumerate(answers):
        if answer.strip():
            spellings.setdefault(answer.strip(), []).append(position)
    found: list[tuple[str, list[int]]] = []
    for spelling, positions in spellings.items():
        members = next((members for first, members in found[:MOST_COMPARED] if equal(first, spelling)), None)
        if members is None:
            found.append((spelling, list(positions)))
        else:
            members.extend(positions)
    return [sorted(members) for _, members in found]


def majority(answers: Sequence[str], equal: Equal) -> Majority | None:
    """Return the largest class; None if two tie for it or there are no answers."""
    ranked = sorted(classes(answers, equal), key=len, reverse=True)
    if not ranked or (len(ranked) > 1 and len(ranked[0]) == len(ranked[1])):
        return None
    members = ranked[0]
    spellings = Counter(answers[position].strip() for position in members)
    return Majority(max(spellings, key=spellings.__getitem__), tuple(members), sum(map(len, ranked)))
