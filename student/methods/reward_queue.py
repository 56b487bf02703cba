"""Has completions judged while others are still being drawn."""

import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Lock

from records.rows import Trace, Verdict

Judge = Callable[[list[Trace]], list[list[Verdict]]]
"""Returns the verdicts of each trace. It is called from one thread at a time, and raises an error that should end the
training."""
Judging = Callable[[], AbstractContextManager[Judge]]
"""Starts what judges. The flow passes it in; it can be pickled, because every rank starts its own."""


CALLS = 4
"""About how many calls of the judge a batch of completions takes: each takes some milliseconds from the drawing."""


class RewardQueue:
    """Takes completions one by one, and gives their verdicts when they are needed. They are judged as soon as some are
    there. What waits while a call is at work is judged together in the next one, so that a slow completion holds up
    those of one call at most."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.thread, self.lock = ThreadPoolExecutor(1), Lock()
        self.enough = 1
        """Completions for which the judge is called."""
        self.waiting: dict[Hashable, Trace] = {}
        self.verdicts: dict[Hashable, list[Verdict]] = {}
        self.error: BaseException | None = None
        self.judged_s = self.waited_s = 0.0

    def expect(self, completions: int) -> None:
        """Say how many completions a batch will have."""
        self.enough = max(1, completions // CALLS)

    def submit(self, key: Hashable, trace: Trace) -> None:
        with self.lock:
            self.waiting[key] = trace
            enough = len(self.waiting) >= self.enough
        if enough:
            self.thread.submit(self.work)

    def work(self) -> None:
        """Judge everything that waits. Runs in the thread."""
        with self.lock:
            batch, self.waiting = self.waiting, {}
        if not batch or self.error:
            return
        started = time.monotonic()
        try:
            self.verdicts.update(zip(batch, self.judge(list(batch.values())), strict=True))
        except BaseException as error:  # the trainer raises it
            self.error = error
        self.judged_s += time.monotonic() - started

    def collect(self) -> dict[Hashable, list[Verdict]]:
        """Wait for all verdicts, and return and forget them. Errors: the judge's."""
        started = time.monotonic()
        self.thread.submit(self.work).result()  # the last in the line
        self.waited_s += time.monotonic() - started
        if self.error:
            raise self.error
        verdicts, self.verdicts = self.verdicts, {}
        return verdicts

    def seconds(self) -> tuple[float, float]:
        """Return how long something was judged since the last call, and how long the trainer only waited for that: the
        rest went on beside the drawing."""
        found, self.judged_s, self.waited_s = (self.judged_s, self.waited_s), 0.0, 0.0
        return found

    def close(self) -> None:
        self.thread.shutdown(wait=False, cancel_futures=True)
