"""Converts a completion to a journal entry, and what a journal stores to a whole trace and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from records.logprobs import TokenLogprobs
from records.requests import Completion, Key
from records.rows import Problem, Trace, Verdict, is_accepted
from teacher.sampling.drawn import Drawn, drawn_part, reasoning_share
from teacher.sampling.journal import Entry, Journal


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """A trace as a folder stores it, in a journal or in Parquet. Made by `reuse` and `shards`."""

    key: Key
    fingerprint: str
    drawn: Drawn
    verdicts: list[Verdict]
    logprobs: TokenLogprobs | None = None


def stored(trace: Trace, logprobs: TokenLogprobs | None = None) -> StoredTrace:
    key = (trace.problem_id, trace.attempt, trace.sample_index)
    return StoredTrace(key, trace.request_fingerprint, drawn_part(trace), trace.verdicts, logprobs)


def entry_of(completion: Completion, drawn: Drawn, fingerprint: str) -> Entry:
    """Make the journal entry of a trace that was just drawn."""
    return entry_with(drawn, fingerprint, completion.completion_tokens, completion.reasoning_tokens, drawn_here=True)


def entry_with(drawn: Drawn, fingerprint: str, tokens: int, reasoning: int | None, *, drawn_here: bool) -> Entry:
    """Make an entry of `tokens` drawn tokens, `reasoning` of them in the reasoning if that is known. The entry of a
    trace that a search found counts what the whole search cost."""
    searched = drawn.searched
    if searched:
        tokens = searched.completion_tokens
    if reasoning is None:
        reasoning = reasoning_share(drawn, tokens)
    return Entry(
        fingerprint=fingerprint,
        finish_reason=drawn.finish_reason,
        prompt_tokens=searched.prompt_tokens if searched else drawn.prompt_tokens,
        reasoning_tokens=reasoning,
        answer_tokens=tokens - reasoning,
        drawn_here=drawn_here,
        expansions=searched.expansions if searched else 0,
        kept_tokens=drawn.completion_tokens if searched else 0,
        unscored=searched.unscored if searched else 0,
    )


def put_back(journal: Journal, trace: StoredTrace, judged: bool, **spent: Any) -> Entry:
    """Write a stored trace into a journal, with its verdicts if they still hold, and return its entry. `spent` are the
    entry's fields of what this run drew of it, which is nothing unless they are given."""
    drawn = trace.drawn
    entry = entry_with(drawn, trace.fingerprint, drawn.completion_tokens, None, drawn_here=False)
    entry = journal.add(trace.key, entry._replace(**spent), drawn, trace.logprobs)
    if judged and trace.verdicts:
        return journal.judge(trace.key, accepts(trace.verdicts), trace.verdicts)
    return entry


def accepts(verdicts: Iterable[Verdict]) -> bool:
    return is_accepted(verdict.outcome for verdict in verdicts)


def whole_trace(
    problem: Problem, key: Key, drawn: Drawn, verdicts: list[Verdict], fingerprint: str, teacher: str
) -> Trace:
    """Make the row. The problem's fields are the current ones, so a corrected reference reaches traces drawn before."""
    return Trace(
        problem_id=problem.id,
        attempt=key[1],
        sample_index=key[2],
        prompt=problem.prompt,
        reference=problem.reference,
        verifier=problem.verifier,
        source=problem.source,
        extra=problem.extra,
        reasoning=drawn.reasoning,
        answer=drawn.answer,
        closed=drawn.closed,
        finish_reason=drawn.finish_reason,
        prompt_tokens=drawn.prompt_tokens,
        completion_tokens=drawn.completion_tokens,
        seed=drawn.seed,
        teacher=teacher,
        request_fingerprint=fingerprint,
        hinted=drawn.hinted,
        detail=drawn.detail,
        searched=drawn.searched,
        verdicts=verdicts,
    )
