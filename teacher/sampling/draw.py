"""One draw of one problem: its key, its request, and its trace once it is in the journal."""

from typing import NamedTuple

from records.requests import Key, Request
from records.rows import Trace
from teacher.sampling.drawn import Drawn, beginning_of
from teacher.sampling.journal import Entry
from teacher.sampling.problem_state import PassState, ProblemState
from teacher.sampling.shards import Shard
from teacher.sampling.traces import whole_trace


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

    def request(self) -> Request:
        continued = self.continued()
        prefix = beginning_of(continued) if continued else ""
        sample_index = self.state.sample_index(self.draw_index)
        return self.state.asked.request(self.problem.problem, sample_index, self.state.messages, prefix)

    def continued(self) -> Drawn | None:
        """The truncated trace of the first pass that this draw continues; None if it starts anew."""
        if not self.state.asked.continues:
            return None
        first = self.problem.pass_states[0]
        return self.shard.journal.drawn(first.drawn[self.state.sample_index(self.draw_index)])

    def trace(self, entry: Entry, teacher: str) -> Trace:
        """Read the whole trace back from the journal."""
        journal = self.shard.journal
        drawn, verdicts = journal.drawn(entry), journal.verdicts(entry)
        return whole_trace(self.problem.problem, self.key, drawn, verdicts, entry.fingerprint, teacher)
