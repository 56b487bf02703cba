"""What a search asks its scorer: the worth of unfinished traces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a trace, or a whole one. Made by a search; read by its scorer, which splits it into steps by
    `records.steps`."""

    prompt: str
    """The problem's prompt, without the template."""
    reasoning: str
    answer: str
    closed: bool
    """True if the reasoning was closed, or if the model does not reason."""


StepScorer = Callable[[Sequence[Prefix]], list[float | None]]
"""Returns a number for each prefix, the higher the better, aggregated over its steps; None for one that it left out
(too long, no steps). It is called from one thread at a time, may take long, and raises an error that should end the
run."""
