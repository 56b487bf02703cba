"""Decides from which steps of a trace rollouts are drawn, and what they say of its steps."""

import math
from dataclasses import dataclass, field
from typing import Literal

from records.rows import Trace
from records.steps import split_steps
from records.thinking import join_reasoning

VERSION = "1"
"""Raised when the same trace is continued from other places, or its rollouts give other labels."""
Search = Literal["all", "binary"]


@dataclass
class Tally:
    """The rollouts from one step so far."""

    drawn: int = 0
    decided: int = 0
    """Those that the verifier called right or wrong."""
    right: int = 0

    @property
    def share(self) -> float | None:
        """The share of the decided rollouts that reached the reference; None if none was decided."""
        return self.right / self.decided if self.decided else None


@dataclass
class StepSearch:
    """One trace while its steps are labelled. What it asks for follows from what is recorded alone, so that a search
    that was killed goes on where it was."""

    trace: Trace
    right: bool
    """True if its answer is: then so is its last step."""
    n: int
    """Rollouts from each step."""
    search: Search
    tallies: dict[int, Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.of_reasoning = split_steps(self.trace.reasoning)
        self.steps = [*self.of_reasoning, *split_steps(self.trace.answer)]

    def wanted(self) -> list[int]:
        """Return the numbers of the steps, from 0, behind which rollouts are still to be drawn now."""
        if self.search == "all":
            return [at for at in range(len(self.steps) - 1) if not self.finished(at)]
        middle = None if self.right else self.halve()[2]
        return [] if middle is None else [middle]

    def finished(self, step: int) -> bool:
        return step in self.tallies and self.tallies[step].drawn >= self.n

    def halve(self) -> tuple[int, int, int | None]:
        """Return the last step from which a rollout reached the reference (-1: none yet), the first known one after
        which none did, and the step to draw from next; None if the search is over. An undecided step ends it."""
        reached, failed = -1, len(self.steps) - 1
        while failed - reached > 1:
            middle = (reached + failed) // 2
            if not self.finished(middle):
                return reached, failed, middle
            share = self.tallies[middle].share
            if share is None:
                return reached, failed, None
            reached, failed = (middle, failed) if share else (reached, middle)
        return reached, failed, None

    def record(self, step: int, right: bool | None) -> None:
        """Count a rollout; None is one that was not decided."""
        tally = self.tallies.setdefault(step, Tally())
        tally.drawn += 1
        tally.decided += right is not None
        tally.right += right is True

    def labels(self) -> list[float | None]:
        """Return a label for each step, once nothing is wanted. With `binary`, the steps up to the last one from which
        the reference was reached are 1, because it was reached from all of them, and the first wrong one is 0."""
        last = len(self.steps) - 1
        if self.search == "all":
            shares = [self.tallies[at].share for at in range(last)]
            return [*shares, float(self.right)]
        if self.right:
            return [1.0] * (last + 1)
        reached, failed, _ = self.halve()
        found: list[float | None] = [1.0] * (reached + 1) + [None] * (last - reached)
        if failed == reached + 1:
            found[failed] = 0.0
        return found

    def beginning(self, step: int) -> str:
        """Return the trace up to the end of a step, as the beginning of a completion. Spaces at its end are left to the
        model, whose tokens begin with them."""
        given = len(self.of_reasoning)
        text = "".join(self.steps[: step + 1] if step < given else self.steps[given : step + 1]).rstrip(" ")
        if step < given:
            return join_reasoning(text, "", closed=False)
        return join_reasoning(self.trace.reasoning, text)

    def spent(self, step: int) -> int:
        """Return about how many tokens the beginning has, by its share of the characters."""
        whole = sum(map(len, self.steps))
        share = sum(map(len, self.steps[: step + 1])) / max(1, whole)
        return math.ceil(self.trace.completion_tokens * share)
