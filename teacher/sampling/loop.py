"""Keeps a sampler full and the journals complete, with no barrier between problems, shards or passes.

A trace is in its shard's journal before anything else happens to it. Then it is judged, if traces are judged, and its
problem's course says what that means: more draws, needless ones to cancel, the next pass, or that it is done."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from records.requests import Completion, Key, Request, Sampler
from records.rows import FAILED, Verdict, is_accepted
from teacher.sampling.accounts import Account
from teacher.sampling.budget import Purse
from teacher.sampling.journal import Entry
from teacher.sampling.judging import Judge, Verifying
from teacher.sampling.scheduler import Ticket, Turns
from teacher.sampling.shards import Shard, Shards
from teacher.sampling.traces import drawn_of, entry_of

MOST_JUDGING = 4096
"""Traces waiting for a verdict before no further shard is begun."""
PATIENCE_S = 0.05
"""How long a sampler with room waits for verdicts that may fill it, before it goes on with what it has."""


@dataclass
class Loop:
    """One stage's sampling."""

    shards: Shards
    make_sampler: Callable[[], Sampler]
    purse: Purse
    judge: Judge | None
    teacher: str
    thinks: bool
    whole_shards: bool
    """Completions depend on their batch: a shard is drawn alone, and anew if it was torn."""
    speculate: bool
    report: Callable[[Account, int], None]
    """Called after every trace with what there is by now, and the tokens drawn here."""
    live: Account
    """Everything so far, for reports, beginning with what was drawn before."""

    def __post_init__(self) -> None:
        self.turns = Turns(self.shards, self.whole_shards)
        self.sampler: Sampler | None = None
        self.verifying: Verifying[Ticket] = Verifying(self.judge)
        self.flying: dict[Key, tuple[Ticket, Request]] = {}
        self.limit = ""
        """The limit that was met: nothing is submitted any more, but what journals hold is still taken in."""
        self.cut = False
        """Whether that left anything undone."""
        self.drawn_tokens = 0

    def run(self) -> None:
        try:
            while self.step():
                pass
            for shard in list(self.turns.open.values()):  # the end of the budget left them torn
                self.close(shard)
        finally:
            for shard in self.turns.open.values():
                self.shards.leave(shard)
            self.verifying.close()
            if self.sampler:
                self.sampler.close()

    def step(self) -> bool:
        """Hand out what there is room for, take in what is done. False when nothing is left to do."""
        idle = self.launch()
        if not self.flying and not self.verifying.under_way:
            return False
        wait_s = (PATIENCE_S if idle else 0.0) if self.flying else None
        for ticket, verdicts in self.verifying.finished(wait_s):
            self.take_verdicts(ticket, verdicts)
        if self.sampler and self.flying:
            self.take(self.sampler.finished())
        for shard in self.turns.over():
            self.close(shard)
        if self.flying:
            self.stop_at(self.purse.limit(0))
        return True

    def launch(self) -> bool:
        """Start draws while there is room. Returns whether room was left."""
        while self.sampler is None or self.sampler.room() > 0:  # what journals hold needs no sampler
            if not self.may_start():
                return False
            ticket = self.turns.certain(may_begin=self.verifying.under_way < MOST_JUDGING)
            if ticket is None:
                return self.launch_likely()
            self.start(ticket)
        return False

    def launch_likely(self) -> bool:
        more = self.speculate and not self.limit
        while more:
            more = False
            for ticket in self.turns.likely():
                more = True
                self.start(ticket)
                if not self.sampler or self.sampler.room() <= 0 or not self.may_start():
                    return False
        return True

    def may_start(self) -> bool:
        """Whether the budget allows another request now. The last ones go one by one, for their length is not known."""
        if self.limit:
            return True
        limit = self.purse.limit(len(self.flying) + 1 if self.flying or self.purse.traces else 0)
        if not self.flying:
            self.stop_at(limit)
            return True
        return not limit

    def stop_at(self, limit: str) -> None:
        if limit:
            self.limit, self.cut = limit, self.cut or bool(self.flying)
            self.turns.only_begun = True
            for key in list(self.flying):
                self.cancel(key)

    def start(self, ticket: Ticket) -> None:
        """From the journal if it is there, else from the sampler."""
        entry = ticket.known()
        if entry and (entry.finish_reason != FAILED or self.limit):  # a failed one is tried again
            self.got(ticket, entry)
            return
        if self.limit:
            self.cut = True
            return
        if self.sampler is None:
            self.sampler = self.make_sampler()
            assert self.sampler.batch_invariant != self.whole_shards
        request = ticket.request()
        self.flying[ticket.key] = (ticket, request)
        self.sampler.submit(request)

    def cancel(self, key: Key) -> None:
        assert self.sampler is not None, "it took the request"
        self.sampler.cancel(self.flying.pop(key)[1])

    def take(self, completions: list[Completion]) -> None:
        """All of them go into the journal before one of them can end a problem's drawing."""
        done = []
        for completion in completions:
            ticket, _ = self.flying.pop(completion.request.key, (None, None))
            if ticket is None:
                continue  # was on its way when it was cancelled
            continued = ticket.continued()
            before = continued["completion_tokens"] if continued else 0
            row = drawn_of(completion, self.thinks, ticket.round.of.hinted, before)
            entry = entry_of(completion, row, ticket.fingerprint)
            done.append((ticket, ticket.shard.journal.add(ticket.key, entry, row)))
            self.purse.spend(entry)
            self.drawn_tokens += entry.reasoning_tokens + entry.answer_tokens
        for ticket, entry in done:
            self.got(ticket, entry)

    def got(self, ticket: Ticket, entry: Entry) -> None:
        """A trace that is in the journal. What is not judged yet is judged first, if traces are."""
        if self.judge is None or entry.accepted is not None or entry.finish_reason == FAILED:
            self.settle(ticket, entry)
            return
        ticket.shard.judging += 1
        self.verifying.submit(ticket, ticket.trace(entry, self.teacher))

    def take_verdicts(self, ticket: Ticket, verdicts: list[Verdict]) -> None:
        ticket.shard.judging -= 1
        accepted = is_accepted(verdict.outcome for verdict in verdicts)
        rows = [asdict(verdict) for verdict in verdicts]
        self.settle(ticket, ticket.shard.journal.judge(ticket.key, accepted, rows))

    def settle(self, ticket: Ticket, entry: Entry) -> None:
        """Count a trace, and see what it means for its problem."""
        shard, course, of, place = ticket
        was_done = course.done
        for needless in course.record(of, place, entry):
            key = of.key(needless)
            if key in self.flying:
                self.cancel(key)
        self.live.add(entry, of.of.hinted, surplus=not of.counts(place))
        if not course.done:
            self.turns.again(shard, course)
        elif not was_done:
            shard.running -= 1
            self.live.problems += 1
        self.report(self.live, self.drawn_tokens)

    def close(self, shard: Shard) -> None:
        self.shards.close(shard, self.teacher)
        del self.turns.open[shard.number]
