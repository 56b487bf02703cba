"""What a scorer is given and what it returns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import prod

from records.steps import split_steps


@dataclass(frozen=True, slots=True)
class TraceText:
    """What a scorer reads of a trace. Made by `filters.scorers.score`; read by every scorer."""

    prompt: str
    reasoning: str
    answer: str
    closed: bool

    def steps(self) -> list[str]:
        """Return the steps of the reasoning, then those of the answer; together they are the whole text."""
        return [*split_steps(self.reasoning), *split_steps(self.answer)]


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a scorer says of one trace. The fields are as in `records.scores.TraceScore`."""

    steps: list[float | None] = field(default_factory=list)
    outcome: float | None = None
    left_out: str | None = None
    tokens: int = 0
    runtime: str = ""
    """What a model ran in that read it, in words."""


Scorer = Callable[[Sequence[TraceText], Callable[[int, int], None]], list[Scoring]]
"""Scores traces in any order and returns the scores in theirs. It calls its second argument with the numbers of traces
and of tokens that a batch has brought."""


def ends_of(steps: Sequence[str]) -> list[int]:
    return list(accumulate(map(len, steps)))


def over_steps(steps: Sequence[float | None]) -> dict[str, float | None]:
    """Return mean, minimum, product and last of the scores that are there; None each if none is."""
    there = [score for score in steps if score is not None]
    if not there:
        return dict.fromkeys(("mean", "min", "product", "last"))
    return {"mean": sum(there) / len(there), "min": min(there), "product": prod(there), "last": there[-1]}
