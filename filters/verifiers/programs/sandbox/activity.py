"""Tells from outside what a sandbox did with its time: it ran, waited for a processor, or was idle.

A program that has used up its wall limit was starved by a busy machine, of which it is not guilty; or it was idle, as
it sleeps or waits for what never comes; or its processes ran for longer together than any honest program may. Else a
wrong program could choose to be undecided.
"""

import time
from contextlib import suppress
from heapq import nlargest

from records.process_tree import process_tree

LONGEST_LOOK_S = 1.0
"""Of a longer time between two looks no more than this counts: this process was stopped itself, and the sandbox may
have been stopped with it."""
IN_TURN = 2
"""Of how many threads the waiting counts: tests and program wait for each other, so that each waits for a processor
only half the time. Waiting of all threads has no meaning: a program may let 20 of them wait for one another."""


class Activity:
    """Adds up, between calls of `look`, what a process and all below it did."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.at, self.threads = time.monotonic(), times_of(root)
        self.idle_s = 0.0
        """Seconds in which no thread ran or waited for a processor."""
        self.ran_s = 0.0
        """CPU seconds of all threads together."""

    def begin(self) -> tuple[float, float]:
        """Let the time before this moment be no idleness, and return both sums."""
        self.at = time.monotonic()
        return self.idle_s, self.ran_s

    def look(self) -> None:
        """Add what was done since the last look."""
        at, threads = time.monotonic(), times_of(self.root)
        if threads:  # nothing is known of a sandbox that has ended, nor where the kernel keeps no account
            ran, waits = 0.0, list[float]()
            for thread, (ran_s, waited_s) in threads.items():
                ran_before, waited_before = self.threads.get(thread, (0.0, 0.0))
                ran += ran_s - ran_before
                waits.append(waited_s - waited_before)
            self.ran_s += ran
            self.idle_s += max(0.0, min(at - self.at, LONGEST_LOOK_S) - ran - sum(nlargest(IN_TURN, waits)))
        self.at, self.threads = at, threads


def times_of(root: int) -> dict[str, tuple[float, float]]:
    """Return for each thread the seconds in which it ran, and in which it waited for a processor (Linux's
    Documentation/scheduler/sched-stats.rst: `schedstat` of a task, in nanoseconds)."""
    found = {}
    for folder in process_tree(root):
        with suppress(FileNotFoundError, ProcessLookupError):
            for thread in (folder / "task").iterdir():
                ran, waited, _ = (thread / "schedstat").read_text().split()
                found[thread.name] = int(ran) / 1e9, int(waited) / 1e9
    return found
