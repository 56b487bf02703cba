"""Counts of the stages in which a scorer reads traces, in the form of `records.counts`."""

from dataclasses import dataclass

from records.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringPart(Counts):
    """Counts that a scoring worker's files do not hold. Made by `score_share`; read by the stage's `gather`."""

    scoring_s: float
    """Seconds that this worker scored, without loading its scorer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringCounts(Counts):
    """Traces that a scorer read. Made by scoring; read by people, in the report's lineage."""

    traces: int
    scored: int
    left_out: dict[str, int]
    """Traces that the scorer did not read, by reason."""
    steps: int
    """Steps with a score."""
    tokens: int
    """Tokens that the scorer read."""
    runtimes: dict[str, int]
    """Traces that a model scored, by what it ran in: engine and version, device, attention kernels and dtype."""
    scoring_s: float
    """Seconds of scoring, summed over the workers of the last start."""
