"""From a completion to a trace: what the journal keeps of it, and the whole row."""

from typing import Any

from records.requests import Completion, Key
from records.rows import Problem, Trace, Verdict, is_accepted
from records.thinking import join_reasoning, split_reasoning
from teacher.sampling.journal import Entry, Journal

DRAWN = (
    *("reasoning", "answer", "closed", "finish_reason", "detail"),
    *("prompt_tokens", "completion_tokens", "seed", "hinted"),
)


def drawn_of(completion: Completion, thinks: bool, hinted: bool, before: int) -> dict[str, Any]:
    """What a completion adds to its problem. `before` counts the tokens of what a continued one began with."""
    text = completion.text.encode("utf-8", "replace").decode()  # a server's JSON can hold halves of surrogate pairs
    reasoning, answer, closed = split_reasoning(text, thinks)
    return {
        "reasoning": reasoning,
        "answer": answer,
        "closed": closed,
        "finish_reason": "_".join(completion.finish_reason.split()) or "unknown",
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": before + completion.completion_tokens,
        "seed": completion.request.seed,
        "hinted": hinted,
        "detail": completion.detail,
    }


def entry_of(completion: Completion, row: dict[str, Any], fingerprint: str) -> Entry:
    reasoning = completion.reasoning_tokens
    if reasoning is None:
        reasoning = reasoning_share(row, completion.completion_tokens)
    answer = completion.completion_tokens - reasoning
    return Entry(fingerprint, row["finish_reason"], completion.prompt_tokens, reasoning, answer, True, 0, 0)


def reasoning_share(row: dict[str, Any], tokens: int) -> int:
    """Tokens of the reasoning by its share of characters, where the engine does not say."""
    reasoning, answer = len(row["reasoning"]), len(row["answer"])
    return round(tokens * reasoning / max(1, reasoning + answer))


def put_back(journal: Journal, row: dict[str, Any], fingerprint: str, drawn: bool, judged: bool) -> None:
    """Write a row of Parquet into a journal, with its verdicts if they still hold."""
    key = (row["problem_id"], row["attempt"], row["sample_index"])
    reasoning = reasoning_share(row, row["completion_tokens"])
    answer = row["completion_tokens"] - reasoning
    entry = Entry(fingerprint, row["finish_reason"], row["prompt_tokens"], reasoning, answer, drawn, 0, 0)
    journal.add(key, entry, {name: row[name] for name in DRAWN})
    if judged and row["verdicts"]:
        accepted = is_accepted(verdict["outcome"] for verdict in row["verdicts"])
        journal.judge(key, accepted, row["verdicts"])


def whole_row(problem: Problem, key: Key, drawn: dict[str, Any], fingerprint: str, teacher: str) -> dict[str, Any]:
    """A row of `records.parquet.TRACE`. All of the problem's part is the problem's of today: a mended reference reaches
    traces drawn before."""
    return {
        "problem_id": problem.id,
        "attempt": key[1],
        "sample_index": key[2],
        "prompt": problem.prompt,
        "reference": problem.reference,
        "verifier": problem.verifier,
        "source": problem.source,
        "extra": problem.extra,
        **{name: drawn[name] for name in DRAWN},
        "teacher": teacher,
        "request_fingerprint": fingerprint,
        "verdicts": drawn["verdicts"],
    }


def to_trace(row: dict[str, Any]) -> Trace:
    return Trace(**row | {"verdicts": [Verdict(**verdict) for verdict in row["verdicts"]]})


def beginning_of(row: dict[str, Any]) -> str:
    """A truncated trace as the beginning of a completion that goes on with it."""
    return join_reasoning(row["reasoning"], row["answer"], row["closed"])
