"""Every verifier by name. It sees the answer, the reference and the problem's extra data, never the reasoning."""

from collections.abc import Callable
from dataclasses import dataclass

from filters.verifiers import choice_answer, code_answer, math_answer, reasoning_gym_answer
from records.rows import Trace, Verdict


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verifier may see of a trace."""

    verifier: str
    reference: str
    extra: str
    """JSON of the problem: options, unit tests, task entry."""
    answer: str
    """What followed the closed reasoning."""


@dataclass(frozen=True)
class Verifier:
    version: str
    settle: Callable[[Evidence], Verdict | None]
    """The verdict where bounded work decides; None where only `decide` can."""
    decide: Callable[[Evidence], Verdict]
    """The verdict, however long it takes: to be called where it can be stopped."""


VERIFIERS: dict[str, Verifier] = {
    "math": Verifier(
        math_answer.VERSION,
        lambda given: math_answer.settle_math(given.reference, given.answer),
        lambda given: math_answer.verify_math(given.reference, given.answer),
    ),
    "choice": Verifier(
        choice_answer.VERSION,
        lambda given: choice_answer.verify_choice(given.reference, given.extra, given.answer),
        lambda given: choice_answer.verify_choice(given.reference, given.extra, given.answer),
    ),
    "reasoning_gym": Verifier(
        reasoning_gym_answer.VERSION,
        lambda given: reasoning_gym_answer.settle_reasoning_gym(given.reference, given.answer),
        lambda given: reasoning_gym_answer.verify_reasoning_gym(given.extra, given.answer),
    ),
    # Brings its own limits and processes: `filters.workers` calls it beside the pool, with the config's limits.
    "code": Verifier(
        code_answer.VERSION, lambda given: None, lambda given: code_answer.verify_code(given.extra, given.answer)
    ),
}


def evidence_of(trace: Trace) -> Evidence:
    return Evidence(trace.verifier, trace.reference, trace.extra, trace.answer)
