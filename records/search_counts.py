"""What is counted of sampling that searches (`records.counts` holds the rest)."""

from dataclasses import dataclass

from records.counts import Counts, SamplingCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCounts(Counts):
    """What searches over steps took, surplus included."""

    expansions: int
    """Requests."""
    tokens: int
    """Completion tokens of all of them."""
    kept_tokens: int
    """Completion tokens of the traces that were found; the others were dropped with their paths."""
    unscored: int
    """Prefixes that the scorer left out, and that therefore ranked last."""
    nothing_found: int
    """Traces that are cut off, because no path of their search came to its end."""
    abandoned_tokens: int
    """Completion tokens of searches that the last start gave up, because a budget ended or their trace was no longer
    needed. They are in no trace, so no other sum holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedCounts(SamplingCounts):
    """Counts of a sampling stage that searches. Its tokens are those of all requests of the searches."""

    search: SearchCounts
