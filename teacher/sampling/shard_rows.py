"""One shard while it is drawn, and the rows that it becomes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from records.logprob_files import KEY
from records.logprobs import TokenLogprobs
from records.rows import FAILED, Trace
from teacher.sampling.accounts import Accounts
from teacher.sampling.continuation import Tokens
from teacher.sampling.difficulty import difficulty_of
from teacher.sampling.journal import Entry, Journal
from teacher.sampling.problem_state import PassState, ProblemState
from teacher.sampling.traces import whole_trace

SPENT = "spent"
"""In the footers of a shard with failed requests: for each row the values of SPENT_ON, which rows do not tell."""
SPENT_ON = ("drawn_here", "reasoning_tokens", "answer_tokens")


@dataclass
class Shard:
    """A shard's problems while they are drawn."""

    number: int
    journal: Journal
    problems: list[ProblemState]
    unfinished: int
    """Number of problems that are not done."""
    judging: int = 0
    """Number of traces being judged."""

    @property
    def is_finished(self) -> bool:
        return not (self.unfinished or self.judging)

    @property
    def has_failed(self) -> bool:
        return any(entry.finish_reason == FAILED for one in self.problems for _, _, entry in one.draws())


def written(problem: ProblemState, counted: bool) -> Iterator[tuple[PassState, int, Entry]]:
    """Yield what of a problem belongs in the file that is being written: the traces that count (`counted`), or the
    surplus. Surplus that was reused from another run is not written again."""
    for state, index, entry in problem.draws():
        if state.counts(index) == counted and (entry.drawn_here or counted):
            yield state, index, entry


def accounts_of(shard: Shard, counted: bool) -> Accounts:
    """Add up the accounts of the traces that count (`counted`), or of the surplus."""
    accounts = Accounts()
    for problem in shard.problems:
        account = accounts.account_of(problem.problem.source, difficulty_of(problem))
        account.problems += counted
        account.solved += counted and problem.solved
        for state, _, entry in written(problem, counted):
            account.add(entry, state.asked.hinted, surplus=not counted)
            if counted:
                accounts.finish_reasons[entry.finish_reason] += 1
                if state.asked.settings.logprobs:
                    accounts.add_logprobs(entry)
    return accounts


def spent_on(shard: Shard, counted: bool) -> list[list[int]]:
    """Return the SPENT_ON of each row."""
    entries = (entry for problem in shard.problems for _, _, entry in written(problem, counted))
    return [[getattr(entry, name) for name in SPENT_ON] for entry in entries]


def logprobs_of(shard: Shard, counted: bool) -> Iterator[tuple[dict[str, Any], TokenLogprobs | None]]:
    """Read the logprobs of the traces that `traces_of` reads back, in the same order."""
    for problem in shard.problems:
        for state, index, entry in written(problem, counted):
            yield dict(zip(KEY, state.key(index), strict=True)), shard.journal.logprobs(entry)


def traces_of(shard: Shard, teacher: str, tokens: Tokens | None, counted: bool) -> Iterator[Trace]:
    """Read the traces that count (`counted`), or the surplus, back from the journal, in order."""
    journal = shard.journal
    for problem in shard.problems:
        for state, index, entry in written(problem, counted):
            drawn, verdicts = journal.drawn(entry), journal.verdicts(entry)
            trace = whole_trace(problem.problem, state.key(index), drawn, verdicts, entry.fingerprint, teacher)
            thought = tokens.count(drawn.reasoning) if tokens else None
            yield replace(trace, budget=state.asked.budget, reasoning_tokens=thought)
