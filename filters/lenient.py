"""Judges answers by a lenient reading, to measure models that were not trained to announce an answer. A trace is never
accepted by it: `judge.py` does not use it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from filters.reasons import FAIL, NO_ANSWER
from filters.verifiers.evidence import Evidence, evidence_of
from filters.verifiers.extraction.lenient import NO_READING, STRICT, lenient_answer
from records.rows import MATH, Trace, Verdict

READ = {MATH, "choice"}
"""Verifiers whose answers can be read leniently."""


@dataclass(frozen=True, slots=True)
class LenientVerdict:
    """A verdict with the rule by which its answer was read. Made by `lenient_verdict`; read beside the strict one."""

    rule: str
    """`strict`, `last_line`, `last_value` or `none`."""
    verdict: Verdict


def lenient_verdict(
    trace: Trace, strict: Verdict, verify: Callable[[Evidence], Callable[[], Verdict]]
) -> LenientVerdict:
    """Return the strict verdict where the strict policy found an answer, else the verdict on a lenient reading.

    `strict` is the verifier's own verdict on the trace, `verify` starts a full verdict (`Workers.full_verdict`) and
    returns a function that waits for it.
    """
    found_nothing = (strict.filter, strict.outcome, strict.reason) == (trace.verifier, FAIL, NO_ANSWER)
    if not found_nothing or trace.verifier not in READ:
        return LenientVerdict(STRICT, strict)
    rule, answer = lenient_answer(trace.answer, is_choice=trace.verifier != MATH)
    if answer is None:
        return LenientVerdict(NO_READING, strict)
    return LenientVerdict(rule, verify(replace(evidence_of(trace), answer=f"\\boxed{{{answer}}}"))())
