"""What a run has spent of its budget of tokens, hours or money, over all its interruptions and workers."""

import time
from pathlib import Path

from configs.sampling import Budget, Price
from teacher.sampling.accounts import Account, cost
from teacher.sampling.journal import Entry

CLOCK_EVERY_S = 10.0


class Clock:
    """Seconds of sampling over all its interruptions, kept in a file: a kill costs the last CLOCK_EVERY_S."""

    def __init__(self, path: Path, before: float) -> None:
        self.path, self.before = path, before
        self.started = self.kept = time.monotonic()

    def seconds(self) -> float:
        now = time.monotonic()
        if now - self.kept > CLOCK_EVERY_S:
            self.keep()
        return self.before + now - self.started

    def keep(self) -> None:
        self.kept = time.monotonic()
        temporary = self.path.with_name(f"{self.path.name}.tmp")
        temporary.write_text(f"{self.before + self.kept - self.started:.3f}")
        temporary.rename(self.path)


def seconds_in(folder: Path) -> float:
    """Of the worker that was longest at it: workers are at it at the same time."""
    return max((float(path.read_text()) for path in folder.glob(".clock-*[0-9]")), default=0.0)


class Purse:
    """What this run spent so far, against its budget.

    Each of several workers counts what it spends itself for all of them: so none needs to know of the others, and
    together they spend no more than the budget."""

    def __init__(
        self, budget: Budget, price: Price, clock: Clock, longest: int, before: Account, workers: int = 1
    ) -> None:
        """`before` is what was spent until now."""
        self.budget, self.price, self.clock, self.longest, self.workers = budget, price, clock, longest, workers
        self.traces = before.traces + before.surplus - before.taken_over
        self.prompt_tokens = before.prompt_tokens
        self.completion_tokens = before.reasoning_tokens + before.answer_tokens

    def spend(self, entry: Entry) -> None:
        self.traces += self.workers
        self.prompt_tokens += self.workers * entry.prompt_tokens
        self.completion_tokens += self.workers * (entry.reasoning_tokens + entry.answer_tokens)

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def money(self) -> float:
        return cost(self.price, self.prompt_tokens, self.completion_tokens, self.clock.seconds() / 3600)

    def limit(self, ahead: int) -> str:
        """Which limit is met once `ahead` requests more are done, each of average size; empty if none is. Before there
        is an average a request counts as the longest completion allowed."""
        budget, known = self.budget, max(1, self.traces)
        ahead *= self.workers
        tokens = self.tokens / known if self.traces else self.longest
        if budget.tokens is not None and self.tokens + ahead * tokens >= budget.tokens:
            return f"tokens: {budget.tokens}"
        each = cost(self.price, self.prompt_tokens, self.completion_tokens, 0) / known
        each = each if self.traces else cost(self.price, 0, self.longest, 0)
        if budget.money is not None and self.money() + ahead * each >= budget.money:
            return f"money: {budget.money:g}"
        if budget.hours is not None and self.clock.seconds() >= budget.hours * 3600:
            return f"hours: {budget.hours:g}"
        return ""
