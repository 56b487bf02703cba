"""The rows of selection's index: a candidate, and a problem with its candidates."""

from dataclasses import dataclass

from filters.counting.pass_rates import PassRate


@dataclass(frozen=True, slots=True)
class Candidate:
    """One trace that may become a row."""

    position: int
    """Position among all traces."""
    length: int
    """Characters of reasoning."""
    source: str
    score: float | None = None
    """What the scorer of `selection.scorer` gave it; None without one."""


@dataclass(frozen=True, slots=True)
class ProblemCandidates:
    """A problem whose traces may become rows. Made from its entries by `filters.selection.building`; read by every rule
    after that."""

    rank: int
    """Orders the problems: by their first accepted trace, and after these, problems accepted by majority alone by their
    first vote."""
    number: int
    """The problem's number in the index."""
    id: str
    decided: int
    """Number of traces that say how hard the problem is (`filters.counting.pass_rates.outcome`)."""
    passed: int
    """Number of accepted ones among the decided traces."""
    share: float | None
    """Pass rate by majority, for a problem without a reference."""
    first: int | None
    """Position of the first candidate; None if there is none."""
    texts: int
    """Number of candidates, equal texts counted once."""
    duplicates: int
    """Number of candidates left out because an earlier one has the same text."""

    @property
    def traces(self) -> int:
        return self.texts + self.duplicates

    def pass_rate(self, pass_rate: PassRate) -> float | None:
        """Return the problem's pass rate; None if no trace of the first pass was decided."""
        if self.share is not None or not self.decided:
            return self.share
        return pass_rate(self.decided, self.passed)
