"""Decides which traces say how hard their problem is, and computes the pass rate from them."""

from collections.abc import Callable

from filters.reasons import FAIL
from records.rows import FAILED, Trace

PassRate = Callable[[int, int], float]
"""Computes a problem's pass rate from the numbers of its decided traces and of the accepted among these. The flow
passes in one that knows when sampling ended: stopping at an acceptance makes the share too high."""


def accepted_share(decided: int, accepted: int) -> float:
    """Return the share of accepted traces, for recorded traces or a fixed number of them per problem."""
    return accepted / decided


def outcome(trace: Trace) -> bool | None:
    """Return whether a judged trace is accepted; None if it says nothing about its problem's pass rate: it is
    undecided, was drawn with the answer shown or in a second chance (which only failed problems get), or was never
    drawn because the request failed."""
    if trace.hinted or trace.attempt > 0 or trace.finish_reason == FAILED:
        return None
    if trace.accepted:
        return True
    return False if any(verdict.outcome == FAIL for verdict in trace.verdicts) else None
