"""The state of one problem in its passes: what is drawn, what may be drawn next, and when the problem is done."""

from collections.abc import Iterator
from dataclasses import replace

from records.requests import Key
from records.rows import CUT_OFF, Problem
from teacher.sampling.journal import Entry
from teacher.sampling.passes import Pass, request_fingerprint
from teacher.sampling.stopping import StoppingTally


class PassState:
    """A problem in one pass. Its draws are numbered 0, 1, …; the number is also the trace's sample_index, except in a
    pass that continues truncated traces: they keep the index they had (`truncated`)."""

    __slots__ = ("asked", "drawn", "identity", "in_flight", "messages", "problem", "started", "tally", "truncated")

    def __init__(self, asked: Pass, problem: Problem, truncated: list[int]) -> None:
        """`truncated` holds the indices of the first pass's truncated traces."""
        self.asked, self.problem = asked, problem
        self.drawn: dict[int, Entry] = {}
        """Entries of the drawn traces by draw index."""
        self.in_flight: set[int] = set()
        """Draw indices that are being drawn or judged."""
        self.started = 0
        """Number of draws started."""
        self.truncated = truncated[: asked.rule.n] if asked.continues else None
        n = asked.rule.n if self.truncated is None else len(self.truncated)
        if asked.hinted and not problem.reference:
            n = 0
        self.tally = StoppingTally(replace(asked.rule, n=n))
        self.messages = asked.messages(problem)
        self.identity = asked.identity(self.messages)

    def sample_index(self, draw_index: int) -> int:
        return draw_index if self.truncated is None else self.truncated[draw_index]

    def key(self, draw_index: int) -> Key:
        return self.problem.id, self.asked.attempt, self.sample_index(draw_index)

    def fingerprint(self, draw_index: int) -> str:
        return request_fingerprint(self.identity, self.sample_index(draw_index))

    def counts(self, draw_index: int) -> bool:
        """Return True if a draw counts, and False if it is surplus, beyond the end of drawing."""
        return self.tally.end is None or draw_index < self.tally.end

    def counted(self) -> Iterator[tuple[int, Entry]]:
        """Yield the draws that count, in order of their index."""
        return ((index, self.drawn[index]) for index in sorted(self.drawn) if self.counts(index))


class ProblemState:
    """A problem's states in its passes, which follow one another."""

    __slots__ = ("done", "pass_states", "passes", "problem", "queued")

    def __init__(self, problem: Problem, passes: list[Pass]) -> None:
        self.problem, self.passes = problem, passes
        self.pass_states: list[PassState] = []
        self.done = self.queued = False
        self.enter_next_pass()

    @property
    def current(self) -> PassState:
        return self.pass_states[-1]

    @property
    def solved(self) -> bool:
        return any(entry.accepted for state in self.pass_states for _, entry in state.counted())

    def enter_next_pass(self) -> None:
        """Go to the next pass that has something to draw. The problem is done if it is solved or no pass is left."""
        while not (self.solved or len(self.pass_states) == len(self.passes)):
            self.pass_states.append(PassState(self.passes[len(self.pass_states)], self.problem, self.truncated()))
            if self.current.tally.rule.n:
                return
            self.current.tally.end = 0
        self.done = True

    def truncated(self) -> list[int]:
        first = self.pass_states[0].counted() if self.pass_states else ()
        return [index for index, entry in first if entry.finish_reason == CUT_OFF]

    def next_draw(self, likely: bool) -> int | None:
        """Return the index of the next draw that is sure to be needed, or with `likely` that probably is; or None."""
        state = self.current
        if self.done or state.started >= (state.tally.likely_draws() if likely else state.tally.sure_draws()):
            return None
        state.started += 1
        state.in_flight.add(state.started - 1)
        return state.started - 1

    def record(self, state: PassState, draw_index: int, entry: Entry) -> list[int]:
        """Record a drawn trace, judged if traces are judged. Return the indices of draws to cancel if it ends the
        pass."""
        state.drawn[draw_index] = entry
        state.in_flight.discard(draw_index)
        if state is not self.current or self.done:
            return []
        state.tally.add(draw_index, bool(entry.accepted))
        if state.tally.end is None:
            return []
        needless = sorted(state.in_flight)
        state.in_flight.clear()
        self.enter_next_pass()
        return needless

    def draws(self) -> Iterator[tuple[PassState, int, Entry]]:
        """Yield pass, draw index and entry of every trace drawn so far, in order."""
        for state in self.pass_states:
            for draw_index in sorted(state.drawn):
                yield state, draw_index, state.drawn[draw_index]
