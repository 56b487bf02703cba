"""Judges traces beside the sampling: the flow passes the verifier in, as a function of traces."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from records.rows import Trace, Verdict

Judge = Callable[[list[Trace]], list[list[Verdict]]]
"""The verdicts of each trace. Called from one thread at a time; may take its time, and raises what should end the
run."""
Item = TypeVar("Item")
BATCH = 256
"""Most traces of a call: a slow one holds up no more than these."""


class JudgingQueue(Generic[Item]):
    """Traces go in, each with an item of the caller's, and the items come out with the verdicts."""

    def __init__(self, judge: Judge | None) -> None:
        self.judge = judge
        self.thread = ThreadPoolExecutor(1)
        self.waiting: list[tuple[Item, Trace]] = []
        self.sent: list[tuple[Item, Trace]] = []
        self.verdicts: Future[list[list[Verdict]]] | None = None

    def __len__(self) -> int:
        """Traces that have no verdict yet."""
        return len(self.waiting) + len(self.sent)

    def submit(self, item: Item, trace: Trace) -> None:
        self.waiting.append((item, trace))
        self.send()

    def send(self) -> None:
        if self.judge and self.verdicts is None and self.waiting:
            self.sent, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
            self.verdicts = self.thread.submit(self.judge, [trace for _, trace in self.sent])

    def finished(self, wait_s: float | None) -> list[tuple[Item, list[Verdict]]]:
        """Verdicts that are ready within `wait_s` seconds; None blocks until there are some. Errors: the judge's."""
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
