"""Judges traces beside the sampling: the flow passes the verifier in, as a function of traces."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from records.rows import Trace, Verdict

Judge = Callable[[list[Trace]], list[list[Verdict]]]
"""The verdicts of each trace. Called from one thread at a time; may take its time, and raises what should end the
run."""
Ticket = TypeVar("Ticket")
MOST = 256
"""Traces of a call: a slow one holds up no more than these."""


class Verifying(Generic[Ticket]):
    """Traces go in with a ticket, and come out with their verdicts."""

    def __init__(self, judge: Judge | None) -> None:
        self.judge = judge
        self.thread = ThreadPoolExecutor(1)
        self.waiting: list[tuple[Ticket, Trace]] = []
        self.sent: list[tuple[Ticket, Trace]] = []
        self.verdicts: Future[list[list[Verdict]]] | None = None

    @property
    def under_way(self) -> int:
        return len(self.waiting) + len(self.sent)

    def submit(self, ticket: Ticket, trace: Trace) -> None:
        self.waiting.append((ticket, trace))
        self.send()

    def send(self) -> None:
        if self.judge and self.verdicts is None and self.waiting:
            self.sent, self.waiting = self.waiting[:MOST], self.waiting[MOST:]
            self.verdicts = self.thread.submit(self.judge, [trace for _, trace in self.sent])

    def finished(self, wait_s: float | None) -> list[tuple[Ticket, list[Verdict]]]:
        """What is judged by now, or by then; None waits until something is."""
        if self.verdicts is None:
            return []
        wait([self.verdicts], wait_s)
        if not self.verdicts.done():
            return []
        done = [(ticket, found) for (ticket, _), found in zip(self.sent, self.verdicts.result(), strict=True)]
        self.verdicts, self.sent = None, []
        self.send()
        return done

    def close(self) -> None:
        self.thread.shutdown(wait=False, cancel_futures=True)
