"""Scores steps by the exact check of their equations."""

from collections.abc import Callable, Sequence

from filters.scorers.equations import step_values
from filters.scorers.scoring import Scoring, TraceText
from records.scores import NO_STEPS


def score_equations(traces: Sequence[TraceText], told: Callable[[int, int], None]) -> list[Scoring]:
    """Score traces (`filters.scorers.scoring.Scorer`). A step without an equation that can be decided has no score."""
    found = []
    for trace in traces:
        steps = [*step_values(trace.reasoning), *step_values(trace.answer)]
        empty = not (trace.reasoning + trace.answer).strip()
        found.append(Scoring(steps, left_out=NO_STEPS if empty else None))
        told(1, 0)
    return found
