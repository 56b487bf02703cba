"""When to stop drawing for a problem, and how to estimate its pass rate without bias although drawing was stopped.

**The rule.** Traces of a problem count in the order of their `sample_index`, whatever order they finish in. After n
traces with s accepted, the pass rate's posterior under Jeffreys' prior is Beta(s + 1/2, n - s + 1/2), with mean (s +
1/2) / (n + 1): the probability that a further trace is accepted. Drawing ends at the first n with

    s = accept                                     enough are accepted
    n = Rule.n                                     enough are drawn
    (s + 1/2) / (n + 1) < give_up_below           hopeless: a further one would cost more than 1 / give_up_below traces

Dividing both sides of the last line by the tokens per trace shows that it bounds the expected acceptances per token, in
units of a trace of that problem. A threshold in tokens of the whole run would depend on what other problems cost so
far, and thus on timing.

**Why in order.** Short traces finish first. Stopping at the k-th acceptance *to arrive* would prefer them, in the
dataset and in the pass rate. In order of their index traces are independent draws, n is a stopping time, and it does
not depend on how many were in flight. Traces drawn beyond it are surplus: they are stored, but enter no estimate.

**Sure draws.** Whatever the traces in flight turn out to be, drawing cannot end before `sure_draws` traces: so many
successes, or failures, are needed to end it. Drawing only these wastes nothing; drawing more is speculation
(`likely_draws`).

**Pass rates without bias.** s / n is biased upwards by stopping at a success (Haldane 1945). `pass_rate` is not:
(accept - 1) / (n - 1) if drawing ended with the accept-th success (DeGroot 1959). With the other two ends the same
argument gives the exact form for any such rule (Girshick, Mosteller, Savage 1946): of all orders in which s successes
in n draws could have come without an earlier end, the share that begins with a success.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

PRIOR = 0.5
"""Both parameters of the Beta prior (Jeffreys)."""


@dataclass(frozen=True)
class Rule:
    """The rule that ends drawing for a problem."""

    accept: int | None
    """Number of accepted traces that is enough; None draws all `n`."""
    n: int
    """At most this many draws."""
    give_up_below: float = 0.0

    def ends(self, n: int, accepted: int) -> bool:
        """Return True if drawing ends after n traces with `accepted` successes, given that it has not ended before."""
        if self.accept is None:
            return n >= self.n
        return n >= self.n or accepted >= self.accept or expected(n, accepted) < self.give_up_below


def expected(n: int, accepted: int) -> float:
    """Return the mean of the pass rate's posterior after n traces."""
    return (accepted + PRIOR) / (n + 2 * PRIOR)


class StoppingTally:
    """Counts a problem's outcomes in order of their index, and determines when its drawing ends."""

    __slots__ = ("accepted", "early", "end", "n", "rule")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.early: dict[int, bool] = {}
        """Outcomes that arrived before one of a lower index."""
        self.n = self.accepted = 0
        """Counts of the traces with no gap before them."""
        self.end: int | None = None
        """Number of traces that count, once drawing has ended."""

    def add(self, index: int, accepted: bool) -> None:
        self.early[index] = accepted
        while self.end is None and self.n in self.early:
            self.accepted += self.early.pop(self.n)
            self.n += 1
            if self.rule.ends(self.n, self.accepted):
                self.end = self.n

    def sure_draws(self) -> int:
        """Return a lower bound on the traces that will count, whatever those in flight turn out to be: the earlier end
        of the two cases that all of them succeed, or all fail."""
        if self.end is not None:
            return self.end
        if self.rule.accept is None:
            return self.rule.n
        return min(self.end_if(outcome=True), self.end_if(outcome=False))

    def end_if(self, outcome: bool) -> int:
        """Return where drawing would end if every outcome not yet known were `outcome`."""
        n, accepted = self.n, self.accepted
        while not self.rule.ends(n, accepted):
            accepted += self.early.get(n, outcome)
            n += 1
        return n

    def likely_draws(self) -> int:
        """Return how many traces will probably count: as many as bring the missing acceptances on average."""
        if self.end is not None or self.rule.accept is None:
            return self.sure_draws()
        drawn, accepted = self.n + len(self.early), self.accepted + sum(self.early.values())
        more = ceil(max(self.rule.accept - accepted, 1) / expected(drawn, accepted))
        return min(drawn + more, self.rule.n)


@lru_cache(maxsize=65536)
def pass_rate(n: int, accepted: int, rule: Rule) -> float:
    """Estimate a problem's pass rate without bias from its n traces, in order of sample_index up to the end of drawing.
    With `accept=1` no unbiased estimate can do better than the first outcome."""
    if rule.accept is None:
        return accepted / n
    paths, beginning_in_success = orders(n, accepted, rule)
    return beginning_in_success / paths


def orders(n: int, accepted: int, rule: Rule) -> tuple[int, int]:
    """Count the orders in which n traces with `accepted` successes can come without an earlier end, and those of them
    that begin with a success. The counting goes trace by trace, by the number accepted so far."""
    every: dict[int, int] = {0: 1}
    first: dict[int, int] = {}
    for drawn in range(n):
        after_every: dict[int, int] = {}
        after_first: dict[int, int] = {}
        for counts, after in ((every, after_every), (first, after_first)):
            for so_far, ways in counts.items():
                if drawn and rule.ends(drawn, so_far):
                    continue
                for total in (so_far, so_far + 1):
                    if total <= accepted:
                        after[total] = after.get(total, 0) + ways
        if drawn == 0:
            after_first = {1: 1} if accepted else {}
        every, first = after_every, after_first
    return every[accepted], first.get(accepted, 0)
