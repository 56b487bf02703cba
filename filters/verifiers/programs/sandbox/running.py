"""Knows the sandboxes that this process has started, so that all can be ended at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock


class Running:
    """The sandboxes that this process has started and not ended, so that all can be ended at once: a thread that waits
    for one cannot be interrupted."""

    def __init__(self) -> None:
        self.lock, self.handles = Lock(), set[int]()

    @contextmanager
    def listed(self, handle: int | None) -> Iterator[None]:
        """List the handle of a sandbox's process 1 while the block runs; nothing for a sandbox that never started."""
        handles = {handle} if handle is not None else set()
        with self.lock:
            self.handles |= handles
        try:
            yield
        finally:
            with self.lock:
                self.handles -= handles

    def end_all(self) -> None:
        with self.lock:
            for handle in self.handles:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)


RUNNING = Running()
