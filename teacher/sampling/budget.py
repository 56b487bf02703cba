"""Meters how much of its budget of tokens, hours or money a run has spent, over all interruptions and workers."""

from configs.sampling import Budget, Price
from teacher.sampling.accounts import Account, cost
from teacher.sampling.journal import Entry
from teacher.sampling.stopwatch import Stopwatch


class BudgetMeter:
    """Compares what this run has spent with its budget.

    With several workers, each one multiplies its own spending by their number. So none needs to know of the others, and
    together they spend no more than the budget."""

    def __init__(
        self, budget: Budget, price: Price, stopwatch: Stopwatch, max_tokens: int, before: Account, workers: int = 1
    ) -> None:
        """`max_tokens` is the longest completion allowed; `before` holds what earlier attempts spent."""
        self.budget, self.price, self.stopwatch = budget, price, stopwatch
        self.max_tokens, self.workers = max_tokens, workers
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
        return cost(self.price, self.prompt_tokens, self.completion_tokens, self.stopwatch.seconds() / 3600)

    def limit(self, in_flight: int) -> str:
        """Return the limit that will be reached when the requests in flight, each of average size, are done; empty if
        none will. Until there is an average, a request counts as the longest completion allowed."""
        budget, traces = self.budget, max(1, self.traces)
        in_flight *= self.workers
        tokens = self.tokens / traces if self.traces else self.max_tokens
        if budget.tokens is not None and self.tokens + in_flight * tokens >= budget.tokens:
            return f"tokens: {budget.tokens}"
        each = cost(self.price, self.prompt_tokens, self.completion_tokens, 0) / traces
        each = each if self.traces else cost(self.price, 0, self.max_tokens, 0)
        if budget.money is not None and self.money() + in_flight * each >= budget.money:
            return f"money: {budget.money:g}"
        if budget.hours is not None and self.stopwatch.seconds() >= budget.hours * 3600:
            return f"hours: {budget.hours:g}"
        return ""
