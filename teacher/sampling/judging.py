"""Judges traces during sampling, with a function that the flow passes in."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from records.rows import Trace, Verdict

Judge = Callable[[list[Trace]], list[list[Verdict]]]
"""Returns the verdicts of each trace. It is called from one thread at a time, may take long, and raises an error that
should end the run."""
Item = TypeVar("Item")
BATCH = 256
"""Most traces per call, which are as many as one slow trace can hold up."""


class JudgingQueue(Generic[Item]):
    """A queue that takes traces, each with an item of the caller's, and returns the items with the traces' verdicts."""

    def __init__(self, judge: Judge | None) -> None:
        self.judge = judge
        self.thread = ThreadPoolExecutor(1)
        self.waiting: list[tuple[Item, Trace]] = []
        self.sent: list[tuple[Item, Trace]] = []
        self.verdicts: Future[list[list[Verdict]]] | None = None

    def __len__(self) -> int:
        """Return the number of traces that have no verdict yet."""
        return len(self.waiting) + len(self.sent)

    def submit(self, item: Item, trace: Trace) -> None:
        self.waiting.append((item, trace))
        self.send()

    def send(self) -> None:
        if self.judge and self.verdicts is None and self.waiting:
            self.sent, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
            self.verdicts = self.thread.submit(self.judge, [trace for _, trace in self.sent])

    def finished(self, wait_s: float | None) -> list[tuple[Item, list[Verdict]]]:
        """Return the verdicts that are ready within `wait_s` seconds; None blocks until there are some. Errors: the
        judge's."""
        if self.verdicts is None:
            return []
        wait([self.verdicts], wait_s)
        if not self.verdicts.done():
            return []
        judged = [(item, verdicts) for (item, _), verdicts in zip(self.sent, self.verdicts.result(), strict=True)]
        self.verdicts, self.sent = None, []
        self.send()
        return judged

    def close(self) -> None:
        self.thread.shutdown(wait=False, cancel_futures=True)
