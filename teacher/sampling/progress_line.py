"""The progress line of one sampling worker."""

import time
from collections.abc import Callable

from configs.sampling import Price
from records.share import WorkerSlot
from teacher.sampling.accounts import Account, cost
from teacher.sampling.stopwatch import Stopwatch


class ProgressLine:
    """Reports progress to the flow: in traces if their number is known, else in problems. One of several workers takes
    an equal part of the whole as its total, though it may in the end do more or less."""

    def __init__(
        self,
        progress: Callable[..., None],
        problems: int,
        n: int | None,
        price: Price,
        stopwatch: Stopwatch,
        slot: WorkerSlot,
    ) -> None:
        """`n` is the number of traces per problem; None if it depends on verdicts."""
        self.progress, self.price, self.stopwatch = progress, price, stopwatch
        self.counts_traces = n is not None
        self.total = -(-problems * (n or 1) // slot.workers)
        self.began: tuple[float, int] | None = None

    def __call__(self, live: Account, drawn_tokens: int) -> None:
        """Report progress. `live` holds the sums so far, `drawn_tokens` the number of tokens that this worker drew."""
        now = time.monotonic()
        self.began = self.began or (now, drawn_tokens)
        counts: dict[str, float] = {"truncated": live.truncated}
        if now > self.began[0]:
            counts["tokens/s"] = (drawn_tokens - self.began[1]) / (now - self.began[0])
        if live.accepted or not self.counts_traces:
            counts |= {"accepted": live.accepted}
        if self.price != Price():
            completion_tokens = live.reasoning_tokens + live.answer_tokens
            spent = cost(self.price, live.prompt_tokens, completion_tokens, self.stopwatch.seconds() / 3600)
            counts |= {"cost": spent} | ({"per accepted": spent / live.accepted} if live.accepted else {})
        done = live.traces if self.counts_traces else live.problems
        counts |= {} if self.counts_traces else {"traces": live.traces}
        self.progress(done, self.total if done <= self.total else None, **counts)
