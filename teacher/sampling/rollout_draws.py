"""A rollout's identity, and how it is made from the trace that it continues and read as one again."""

from typing import Any

from records.requests import Key
from records.rows import Problem, Trace, Verdict
from teacher.sampling.step_search import StepSearch
from teacher.sampling.traces import accepts

Draw = tuple[StepSearch, int, int]
"""A trace, a step of it, and the number of the rollout from there."""
TRACE_COLUMNS = [
    *("problem_id", "attempt", "sample_index", "prompt", "reference", "verifier", "source", "extra"),
    *("reasoning", "answer", "closed", "finish_reason", "prompt_tokens", "completion_tokens", "seed", "teacher"),
    "request_fingerprint",
]


def trace_of(row: dict[str, Any]) -> Trace:
    return Trace(**row)


def problem_of(trace: Trace) -> Problem:
    """Return the trace's problem under an id of the trace's own, so that keys and seeds of its rollouts are."""
    name = f"{trace.problem_id}-{trace.attempt}-{trace.sample_index}"
    return Problem(name, trace.prompt, trace.reference, trace.verifier, trace.source, trace.extra)


def key_of(draw: Draw) -> Key:
    one, step, number = draw
    return problem_of(one.trace).id, step, number


def outcome_of(verdicts: list[Verdict]) -> bool | None:
    """Return whether a rollout reached the reference; None if the verifier did not decide."""
    if accepts(verdicts):
        return True
    return False if any(verdict.outcome == "fail" for verdict in verdicts) else None
