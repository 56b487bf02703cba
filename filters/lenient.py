"""Judges answers by a lenient reading, to measure models that were not trained to announce an answer. A trace is never
accepted by it: what it finds stands beside the verdicts (`records.rows.Reading`)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from filters.reasons import FAIL, NO_ANSWER, UNKNOWN
from filters.verifiers.evidence import Evidence, evidence_of
from filters.verifiers.extraction.lenient import NO_READING, is_unread, lenient_answer
from records.batches import batched_by_size
from records.rows import MATH, STRICT, Reading, Trace, Verdict

VERSION = "2"
"""Raise it if a lenient reading may find another answer: benchmarks are then judged anew."""

Item = TypeVar("Item")
Verify = Callable[[Evidence], Callable[[], Verdict]]
"""Starts a full verdict (`Workers.full_verdict`); the function returned waits for it."""
READ = {MATH, "choice"}
"""Verifiers whose answers can be read leniently."""


@dataclass(frozen=True, slots=True)
class LenientVerdict:
    """A verdict with the rule by which its answer was read. Made by `lenient_verdict`; read beside the strict one."""

    rule: str
    """`strict`, `last_line`, `last_value` or `none`."""
    verdict: Verdict


def lenient_verdict(trace: Trace, strict: Verdict, verify: Verify) -> LenientVerdict:
    """Return the strict verdict where the strict policy found an answer, else the verdict on a lenient reading.

    `strict` is the verifier's own verdict on the trace.
    """
    return start_lenient(trace, strict, verify)()


def start_lenient(trace: Trace, strict: Verdict, verify: Verify) -> Callable[[], LenientVerdict]:
    """Start what `lenient_verdict` returns. The function returned waits for it."""
    is_own = (strict.filter, strict.outcome) == (trace.verifier, FAIL)
    found_nothing = is_own and (strict.reason == NO_ANSWER or (trace.verifier == MATH and is_unread(trace.answer)))
    if not found_nothing or trace.verifier not in READ:
        return lambda: LenientVerdict(STRICT, strict)
    rule, answer = lenient_answer(trace.answer, is_choice=trace.verifier != MATH)
    if answer is None:
        return lambda: LenientVerdict(NO_READING, strict)
    wait = verify(replace(evidence_of(trace), answer=f"\\boxed{{{answer}}}"))
    return lambda: LenientVerdict(rule, wait())


def with_readings(
    judged: Iterator[tuple[Item, list[Verdict]]], trace_of: Callable[[Item], Trace], verify: Verify
) -> Iterator[tuple[Item, list[Verdict], Reading]]:
    """Yield each judged trace with the reading of its answer. The verdicts of a batch are waited for together."""
    for batch in batched_by_size(judged):
        started = [start_lenient(trace_of(item), verdicts[-1], verify) for item, verdicts in batch]
        for (item, verdicts), wait in zip(batch, started, strict=True):
            yield item, verdicts, reading_of(trace_of(item), verdicts, wait())


def reading_of(trace: Trace, verdicts: list[Verdict], lenient: LenientVerdict) -> Reading:
    """Return the outcome over all filters, with the lenient verdict in place of the last one."""
    whole = [*verdicts[:-1], lenient.verdict]
    deciding = next((one for outcome in (FAIL, UNKNOWN) for one in whole if one.outcome == outcome), whole[-1])
    return Reading(lenient.rule, deciding.outcome, deciding.reason, lenient.verdict.extracted)
