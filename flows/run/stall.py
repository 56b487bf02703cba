"""Notices a stage that has stopped: it reports no progress, and none of its processes uses a processor."""

import os
import time
from contextlib import suppress

from records.process_tree import process_tree

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LOOKS = 20
"""Looks at the processors' time within the limit."""
IDLE_SHARE = 0.001
"""Up to this share of one core is idle: an event loop that waits wakes up now and then."""


class StallWatch:
    """Watches one stage's process and all below it."""

    def __init__(self, pid: int, limit_s: float) -> None:
        self.pid, self.limit_s = pid, limit_s
        self.look_every_s = limit_s / LOOKS
        self.alive_at = self.looked_at = time.monotonic()
        self.cpu_s = cpu_seconds(pid)

    def progressed(self) -> None:
        self.alive_at = time.monotonic()

    def stalled(self) -> bool:
        """Look at the processes. Return True once they have shown no sign of life for the whole limit."""
        now, cpu_s = time.monotonic(), cpu_seconds(self.pid)
        # As a scheduler stops a whole job, and continues it.
        stopped_too = now - max(self.looked_at, self.alive_at) > self.limit_s
        if stopped_too or abs(cpu_s - self.cpu_s) > IDLE_SHARE * (now - self.looked_at):
            self.alive_at = now
        self.looked_at, self.cpu_s = now, cpu_s
        return now - self.alive_at >= self.limit_s


def cpu_seconds(root: int) -> float:
    """Return the processor time of a process and of all below it, those that it has waited for included."""
    ticks = 0
    for folder in process_tree(root):
        with suppress(FileNotFoundError, ProcessLookupError):
            ticks += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / TICKS_PER_S
