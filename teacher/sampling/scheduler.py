"""Whose turn it is: which draw of which problem comes next, over the shards under way."""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from records.requests import Key, Request
from records.rows import Problem, Trace
from teacher.sampling.journal import Entry
from teacher.sampling.problem_state import Course, Round
from teacher.sampling.shards import Shard, Shards
from teacher.sampling.traces import beginning_of, to_trace, whole_row


class Ticket(NamedTuple):
    """One draw."""

    shard: Shard
    course: Course
    round: Round
    place: int

    @property
    def index_in_pass(self) -> int:
        return self.round.index(self.place)

    @property
    def key(self) -> Key:
        return self.round.key(self.place)

    @property
    def fingerprint(self) -> str:
        return self.round.fingerprint(self.place)

    def known(self) -> Entry | None:
        """The trace, if the journal holds it already."""
        entry = self.shard.journal.entries.get(self.key)
        return entry if entry and entry.fingerprint == self.fingerprint else None

    def request(self) -> Request:
        of, continued = self.round, self.continued()
        prefix = beginning_of(continued) if continued else ""
        return of.of.request(self.course.problem, self.index_in_pass, of.messages, prefix)

    def continued(self) -> dict[str, Any] | None:
        """The truncated trace of the first pass that this draw goes on with, if it does."""
        if not self.round.of.continues:
            return None
        return self.shard.journal.row(self.course.rounds[0].drawn[self.index_in_pass])

    def trace(self, entry: Entry, teacher: str) -> Trace:
        """The whole trace, read back from the journal."""
        row = self.shard.journal.row(entry)
        return to_trace(whole_row(self.course.problem, self.key, row, entry.fingerprint, teacher))


class Turns:
    """Draws that are needed in any case come first, those of problems already begun before new ones; what is likely to
    be needed is for samplers that would idle otherwise. Several shards are open at a time, so that none waits for
    another's last trace."""

    def __init__(self, shards: Shards, whole_shards: bool) -> None:
        self.shards, self.whole_shards = shards, whole_shards
        self.open: dict[int, Shard] = {}
        self.ready: deque[tuple[Shard, Course]] = deque()
        self.upcoming: Iterator[tuple[int, list[Problem]]] | None = shards.unfinished()
        """Shards to begin; None when all are begun."""
        self.only_begun = self.left_out = False
        """Whether shards without a journal are left out from now on, and whether one was."""

    def certain(self, may_begin: bool) -> Ticket | None:
        """The next draw that is needed in any case. `may_begin` allows opening a shard for it."""
        while self.ready or (may_begin and self.begin()):
            shard, course = self.ready[0]
            place = course.next_place(likely=False)
            if place is not None:
                return Ticket(shard, course, course.now, place)
            self.ready.popleft()
            course.queued = False
        return None

    def likely(self) -> Iterator[Ticket]:
        """A draw of every problem that will probably need one more. Nothing before all shards are open."""
        for shard in list(self.open.values()) if self.upcoming is None else ():
            for course in shard.courses:
                place = course.next_place(likely=True)
                if place is not None:
                    yield Ticket(shard, course, course.now, place)

    def begin(self) -> bool:
        """Open the next shard; False when there is none, or none now."""
        if self.upcoming is None or (self.whole_shards and self.open):
            return False
        for number, problems in self.upcoming:
            journal = self.shards.journal_file(number)
            if self.only_begun and not journal.exists():
                self.left_out = True
                continue
            shard = self.shards.open(number, problems, anew=self.whole_shards)
            if shard is None:
                continue
            self.open[number] = shard
            for course in shard.courses:
                course.queued = True
                self.ready.append((shard, course))
            return True
        self.upcoming = None
        return False

    def again(self, shard: Shard, course: Course) -> None:
        """A problem may have something to draw again: it goes before those not begun."""
        if not course.queued:
            course.queued = True
            self.ready.appendleft((shard, course))

    def over(self) -> list[Shard]:
        """Open shards in which nothing is left to do."""
        return [shard for shard in self.open.values() if not (shard.running or shard.judging)]
