"""One draw of one problem: its key, its request, and its trace once it is in the journal."""

from typing import NamedTuple

from records.logprobs import TokenLogprobs
from records.requests import Key, Request
from records.rows import Trace
from teacher.sampling.continuation import ANEW
from teacher.sampling.drawn import Drawn
from teacher.sampling.journal import Entry
from teacher.sampling.problem_state import PassState, ProblemState
from teacher.sampling.shard_rows import Shard
from teacher.sampling.traces import StoredTrace, put_back, whole_trace


class Draw(NamedTuple):
    """One draw. Made by the scheduler; carried out by the loop."""

    shard: Shard
    problem: ProblemState
    state: PassState
    """The state of the pass that it belongs to."""
    draw_index: int
    """Its number within that pass."""

    @property
    def key(self) -> Key:
        return self.state.key(self.draw_index)

    @property
    def fingerprint(self) -> str:
        return self.state.fingerprint(self.draw_index)

    def known(self) -> Entry | None:
        """The journal's entry of its trace; None if it has not been drawn yet."""
        entry = self.shard.journal.entries.get(self.key)
        return entry if entry and entry.fingerprint == self.fingerprint else None

    def request(self) -> Request | None:
        """Return the request; None if its pass leaves the earlier trace as it is."""
        asked, sample_index = self.state.asked, self.state.sample_index(self.draw_index)
        begins = asked.continuation.begin(self.continued()) if asked.continuation else ANEW
        if begins is None:
            return None
        begun = self.continued_logprobs()
        ids = tuple(begun.token_ids.tolist()) if begun else ()
        return asked.request(self.problem.problem, sample_index, self.state.messages, begins, ids)

    def earlier(self) -> Entry:
        """Return the entry of the trace of an earlier pass that this draw continues."""
        earlier = self.problem.pass_states[self.state.asked.source]
        return earlier.drawn[self.state.sample_index(self.draw_index)]

    def continued(self) -> Drawn:
        return self.shard.journal.drawn(self.earlier())

    def continued_logprobs(self) -> TokenLogprobs | None:
        """Return the logprobs of a trace that is continued from its end; None if it has none, or none are wanted."""
        asked = self.state.asked
        wanted = asked.continues and asked.settings.logprobs
        return self.shard.journal.logprobs(self.earlier()) if wanted else None

    def keep(self) -> Entry:
        """Take the earlier trace over as it is, and return its entry."""
        kept = StoredTrace(self.key, self.fingerprint, self.continued(), [])
        return put_back(self.shard.journal, kept, judged=False)

    def trace(self, entry: Entry, teacher: str) -> Trace:
        """Read the whole trace back from the journal."""
        journal = self.shard.journal
        drawn, verdicts = journal.drawn(entry), journal.verdicts(entry)
        return whole_trace(self.problem.problem, self.key, drawn, verdicts, entry.fingerprint, teacher)
