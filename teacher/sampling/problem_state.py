"""One problem on its way through the passes: what is drawn, what may be drawn next, and when it is done."""

from collections.abc import Iterator
from dataclasses import replace

from records.requests import Key
from records.rows import CUT_OFF, Problem
from teacher.sampling.journal import Entry
from teacher.sampling.passes import Pass, request_fingerprint
from teacher.sampling.stopping import Tally


class Round:
    """A problem in one pass. Its draws have places 0, 1, …; a place is also the index of its trace, except where the
    pass goes on with truncated traces: `indices` are theirs."""

    __slots__ = ("drawn", "identity", "indices", "messages", "of", "problem_id", "started", "tally", "under_way")

    def __init__(self, of: Pass, problem: Problem, truncated: list[int]) -> None:
        self.of, self.problem_id = of, problem.id
        self.drawn: dict[int, Entry] = {}
        """By place."""
        self.under_way: set[int] = set()
        """Places in flight, or being judged."""
        self.started = 0
        """Places handed out."""
        self.indices = truncated[: of.rule.max_n] if of.continues else None
        most = of.rule.max_n if self.indices is None else len(self.indices)
        if of.hinted and not problem.reference:
            most = 0
        self.tally = Tally(replace(of.rule, max_n=most))
        self.messages = of.messages(problem)
        self.identity = of.identity(self.messages)

    def index(self, place: int) -> int:
        return place if self.indices is None else self.indices[place]

    def key(self, place: int) -> Key:
        return self.problem_id, self.of.number, self.index(place)

    def fingerprint(self, place: int) -> str:
        return request_fingerprint(self.identity, self.index(place))

    def counts(self, place: int) -> bool:
        """Whether a draw counts; what was drawn beyond the end of drawing is surplus."""
        return self.tally.end is None or place < self.tally.end

    def counted(self) -> Iterator[tuple[int, Entry]]:
        return ((place, self.drawn[place]) for place in sorted(self.drawn) if self.counts(place))


class Course:
    """A problem in its passes, one after the other."""

    __slots__ = ("done", "passes", "problem", "queued", "rounds")

    def __init__(self, problem: Problem, passes: list[Pass]) -> None:
        self.problem, self.passes = problem, passes
        self.rounds: list[Round] = []
        self.done = self.queued = False
        self.go_on()

    @property
    def now(self) -> Round:
        return self.rounds[-1]

    @property
    def solved(self) -> bool:
        return any(entry.accepted for of in self.rounds for _, entry in of.counted())

    def go_on(self) -> None:
        """To the next pass that has something to draw. Done if the problem is solved, or none is left."""
        while not (self.solved or len(self.rounds) == len(self.passes)):
            self.rounds.append(Round(self.passes[len(self.rounds)], self.problem, self.truncated()))
            if self.now.tally.rule.max_n:
                return
            self.now.tally.end = 0
        self.done = True

    def truncated(self) -> list[int]:
        first = self.rounds[0].counted() if self.rounds else ()
        return [place for place, entry in first if entry.finish_reason == CUT_OFF]

    def next_place(self, likely: bool) -> int | None:
        """The next to draw: only what is needed in any case, or what is likely to be."""
        now = self.now
        if self.done or now.started >= (now.tally.likely() if likely else now.tally.certain()):
            return None
        now.started += 1
        now.under_way.add(now.started - 1)
        return now.started - 1

    def record(self, of: Round, place: int, entry: Entry) -> list[int]:
        """Take in a drawn trace, judged if traces are judged. Returns the places to cancel, when this ends the pass."""
        of.drawn[place] = entry
        of.under_way.discard(place)
        if of is not self.now or self.done:
            return []
        of.tally.add(place, bool(entry.accepted))
        if of.tally.end is None:
            return []
        needless = sorted(of.under_way)
        of.under_way.clear()
        self.go_on()
        return needless

    def rows(self) -> Iterator[tuple[Key, Entry, Round, bool]]:
        """Every trace with its key, in their order; and whether it counts."""
        for of in self.rounds:
            for place in sorted(of.drawn):
                yield of.key(place), of.drawn[place], of, of.counts(place)
