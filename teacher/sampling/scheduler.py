"""Chooses the next draw among the problems of all open shards."""

from collections import deque
from collections.abc import Iterator

from records.rows import Problem
from teacher.sampling.draw import Draw
from teacher.sampling.problem_state import ProblemState
from teacher.sampling.shard_rows import Shard
from teacher.sampling.shards import Shards


class Scheduler:
    """Chooses draws. Sure draws come first, those of problems already begun before new ones; likely draws keep a
    sampler busy that would otherwise idle. Several shards are open at a time, so that none waits for another's last
    trace."""

    def __init__(self, shards: Shards, whole_shards: bool) -> None:
        self.shards, self.whole_shards = shards, whole_shards
        self.open: dict[int, Shard] = {}
        self.ready: deque[tuple[Shard, ProblemState]] = deque()
        self.upcoming: Iterator[tuple[int, list[Problem]]] | None = shards.unfinished()
        """Shards that are still to be opened; None if there are none."""
        self.only_begun = False
        """True if shards without a journal are skipped from now on."""
        self.left_out = False
        """True if a shard was skipped."""

    def sure(self, may_open: bool) -> Draw | None:
        """Return the next draw that is needed in any case. `may_open` allows opening a shard for it."""
        while self.ready or (may_open and self.open_next()):
            shard, problem = self.ready[0]
            index = problem.next_draw(likely=False)
            if index is not None:
                return Draw(shard, problem, problem.current, index)
            self.ready.popleft()
            problem.queued = False
        return None

    def likely(self) -> Iterator[Draw]:
        """Yield a draw of every problem that will probably need one more; nothing until all shards are open."""
        for shard in list(self.open.values()) if self.upcoming is None else ():
            for problem in shard.problems:
                index = problem.next_draw(likely=True)
                if index is not None:
                    yield Draw(shard, problem, problem.current, index)

    def open_next(self) -> bool:
        """Open the next shard; return False if there is none, or none may be opened now."""
        if self.upcoming is None or (self.whole_shards and self.open):
            return False
        for number, problems in self.upcoming:
            if self.only_begun and not self.shards.journal_file(number).exists():
                self.left_out = True
                continue
            shard = self.shards.open(number, problems, anew=self.whole_shards)
            if shard is None:
                continue
            self.open[number] = shard
            for problem in shard.problems:
                problem.queued = True
                self.ready.append((shard, problem))
            return True
        self.upcoming = None
        return False

    def requeue(self, shard: Shard, problem: ProblemState) -> None:
        """Put a problem that may need more draws before those not begun."""
        if not problem.queued:
            problem.queued = True
            self.ready.appendleft((shard, problem))

    def finished(self) -> list[Shard]:
        """Return the open shards in which nothing is left to do."""
        return [shard for shard in self.open.values() if shard.is_finished]

    def close(self, shard: Shard, teacher: str) -> None:
        """Write an open shard's traces and forget it."""
        self.shards.close(shard, teacher)
        del self.open[shard.number]

    def leave_open(self) -> None:
        """Give up the shards that are still open; their journals let another worker or the next run continue them."""
        for shard in self.open.values():
            self.shards.leave(shard)
