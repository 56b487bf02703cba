"""Keeps a sampler full and the journals complete, with no barrier between problems, shards or passes.

A trace is written to its shard's journal before anything else happens to it. Then it is judged, if traces are judged,
and its problem's state decides what follows: more draws, draws to cancel, the next pass, or the problem's end."""

from collections.abc import Callable
from dataclasses import dataclass

from records.requests import Completion, Key, Request, Sampler
from records.rows import FAILED, Trace, Verdict
from teacher.sampling.accounts import Account
from teacher.sampling.answer_queue import AnswerQueue
from teacher.sampling.budget import BudgetMeter
from teacher.sampling.draw import Draw
from teacher.sampling.drawn import drawn_of
from teacher.sampling.journal import Entry
from teacher.sampling.judging import BATCH, Judge
from teacher.sampling.kept_logprobs import kept_logprobs
from teacher.sampling.scheduler import Scheduler
from teacher.sampling.shards import Shards
from teacher.sampling.traces import accepts, entry_of

MOST_JUDGING = 4096
"""While this many traces wait for a verdict, no further shard is opened."""
PATIENCE_S = 0.05
"""Seconds that a sampler with room waits for verdicts that may bring more draws, before it continues without them."""


@dataclass
class Loop:
    """The sampling of one stage, or of one worker's part of it."""

    shards: Shards
    make_sampler: Callable[[], Sampler]
    meter: BudgetMeter
    judge: Judge | None
    teacher: str
    thinks: bool
    whole_shards: bool
    """True if completions depend on their batch; shards are then drawn one by one, and anew if interrupted."""
    speculate: bool
    report: Callable[[Account, int], None]
    """Called after every trace with the sums so far and the tokens drawn by this worker."""
    live: Account
    """The sums so far, earlier attempts included, for progress reports."""

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(self.shards, self.whole_shards)
        self.sampler: Sampler | None = None
        self.judging: AnswerQueue[Draw, Trace, list[Verdict]] = AnswerQueue(self.judge, BATCH)
        self.in_flight: dict[Key, tuple[Draw, Request]] = {}
        self.limit = ""
        """The budget limit that was reached. Nothing is submitted then, but traces in journals are still counted."""
        self.cut_short = False
        """True if the limit left something undrawn."""
        self.drawn_tokens = 0

    @property
    def stopped_at(self) -> str:
        """The budget limit that left something undrawn; empty if none did."""
        return self.limit if self.cut_short or self.scheduler.left_out else ""

    def run(self) -> None:
        try:
            while self.step():
                pass
            for shard in list(self.scheduler.open.values()):  # the budget ended before they did
                self.scheduler.close(shard, self.teacher)
        finally:
            self.scheduler.leave_open()
            self.judging.close()
            if self.sampler:
                self.sampler.close()

    def step(self) -> bool:
        """Submit requests while there is room, and process what is done. Return False when nothing is left to do."""
        idle = self.launch()
        if not self.in_flight and not self.judging:
            return False
        wait_s = (PATIENCE_S if idle else 0.0) if self.in_flight else None
        for draw, verdicts in self.judging.finished(wait_s):
            self.take_verdicts(draw, verdicts)
        if self.sampler and self.in_flight:
            self.take(self.sampler.finished())
        for shard in self.scheduler.finished():
            self.scheduler.close(shard, self.teacher)
        if self.in_flight:
            self.stop_at(self.meter.limit(0))
        return True

    def launch(self) -> bool:
        """Start draws while there is room. Return True if room was left."""
        while self.sampler is None or self.sampler.room() > 0:  # traces in journals need no sampler
            if not self.may_start():
                return False
            draw = self.scheduler.sure(may_open=len(self.judging) < MOST_JUDGING)
            if draw is None:
                return self.launch_likely()
            self.start(draw)
        return False

    def launch_likely(self) -> bool:
        more = self.speculate and not self.limit
        while more:
            more = False
            for draw in self.scheduler.likely():
                more = True
                self.start(draw)
                if not self.sampler or self.sampler.room() <= 0 or not self.may_start():
                    return False
        return True

    def may_start(self) -> bool:
        """Return True if the budget allows another request now. The last ones are drawn one by one, because their
        length is not known beforehand."""
        if self.limit:
            return True
        limit = self.meter.limit(len(self.in_flight) + 1 if self.in_flight or self.meter.traces else 0)
        if not self.in_flight:
            self.stop_at(limit)
            return True
        return not limit

    def stop_at(self, limit: str) -> None:
        if limit:
            self.limit, self.cut_short = limit, self.cut_short or bool(self.in_flight)
            self.scheduler.only_begun = True
            for key in list(self.in_flight):
                self.cancel(key)

    def start(self, draw: Draw) -> None:
        """Take the trace from the journal if it is there, else request it from the sampler."""
        entry = draw.known()
        if entry and (entry.finish_reason != FAILED or self.limit):  # a failed one is tried again
            self.judge_or_count(draw, entry)
            return
        if self.limit:
            self.cut_short = True
            return
        request = draw.request()
        if request is None:
            self.judge_or_count(draw, draw.keep())
            return
        if self.sampler is None:
            self.sampler = self.make_sampler()
            assert self.sampler.batch_invariant != self.whole_shards
        self.in_flight[draw.key] = (draw, request)
        self.sampler.submit(request)

    def cancel(self, key: Key) -> None:
        assert self.sampler is not None, "it took the request"
        self.sampler.cancel(self.in_flight.pop(key)[1])

    def take(self, completions: list[Completion]) -> None:
        """Write all completions to their journals before one of them can end a problem's drawing."""
        journaled = []
        for completion in completions:
            draw, _ = self.in_flight.pop(completion.request.key, (None, None))
            if draw is None:
                continue  # it was finished already when it was cancelled
            drawn = drawn_of(completion, self.thinks, draw.state.asked.hinted)
            entry = entry_of(completion, drawn, draw.fingerprint)
            logprobs = kept_logprobs(completion, drawn, draw.continued_logprobs())
            journaled.append((draw, draw.shard.journal.add(draw.key, entry, drawn, logprobs)))
            self.meter.spend(entry)
            self.drawn_tokens += entry.reasoning_tokens + entry.answer_tokens
        for draw, entry in journaled:
            self.judge_or_count(draw, entry)

    def judge_or_count(self, draw: Draw, entry: Entry) -> None:
        """Process a trace that is in the journal: judge it first if it still needs a verdict, else count it."""
        if self.judge is None or entry.accepted is not None or entry.finish_reason == FAILED:
            self.count(draw, entry)
            return
        draw.shard.judging += 1
        self.judging.submit(draw, draw.trace(entry, self.teacher))

    def take_verdicts(self, draw: Draw, verdicts: list[Verdict]) -> None:
        draw.shard.judging -= 1
        self.count(draw, draw.shard.journal.judge(draw.key, accepts(verdicts), verdicts))

    def count(self, draw: Draw, entry: Entry) -> None:
        """Count a trace, and do what follows for its problem."""
        shard, problem, state, index = draw
        was_done = problem.done
        for needless in problem.record(state, index, entry):
            key = state.key(needless)
            if key in self.in_flight:
                self.cancel(key)
        self.live.add(entry, state.asked.hinted, surplus=not state.counts(index))
        if not problem.done:
            self.scheduler.requeue(shard, problem)
        elif not was_done:
            shard.unfinished -= 1
            self.live.problems += 1
        self.report(self.live, self.drawn_tokens)
