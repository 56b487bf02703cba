"""Which traces say how hard their problem is, and the pass rate that they make."""

from collections.abc import Callable

from filters.reasons import FAIL
from records.rows import FAILED, Trace

PassRate = Callable[[int, int], float]
"""A problem's pass rate, from how many of its traces were decided and how many of these accepted. The flow passes one
in that knows when drawing ended: stopping at an acceptance makes the share too high."""


def accepted_share(decided: int, accepted: int) -> float:
    """Of recorded traces, or of a fixed number for each problem."""
    return accepted / decided


def outcome(trace: Trace) -> bool | None:
    """Whether a judged trace is accepted; None for one that says nothing of its problem's pass rate: undecided, drawn
    with the answer shown, in a second chance (only what failed gets one), or never drawn because the request failed."""
    if trace.hinted or trace.attempt > 0 or trace.finish_reason == FAILED:
        return None
    if trace.accepted:
        return True
    return False if any(verdict.outcome == FAIL for verdict in trace.verdicts) else None
