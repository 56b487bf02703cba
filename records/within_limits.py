"""Ends Python work of this process that takes too long or too much memory: a chat template is a program that came with
a model, and may loop for ever.

Another thread raises an error in the thread that works (CPython's PyThreadState_SetAsyncExc), which comes through
between two instructions, so not within one operation such as the product of two numbers of a billion digits.
"""

import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from resource import getpagesize
from typing import TypeVar

Result = TypeVar("Result")
MOST_S, MOST_GROWTH = 10.0, 2 << 30
"""Seconds, and bytes by which the process may grow meanwhile. Rendering a conversation takes less than 1 ms."""
LOOK_EVERY_S = 0.2


class TooMuch(BaseException):
    """Ends the work. It is no Exception, so that the work does not go on after handling it."""


@dataclass
class Watch:
    """Work that is watched. Made by `within_limits`; read by the thread that watches."""

    thread: int
    until: float
    held: int | None = None
    """Bytes of memory when it was first seen."""
    is_done: bool = False
    has_arrived: bool = False
    """True once the error has come through."""
    why: str = ""
    """What it took too much of; empty while it has not been ended."""


class Watcher:
    """Watches the work of all threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.watches: dict[int, Watch] = {}
        self.thread: threading.Thread | None = None

    def add(self, watch: Watch) -> None:
        self.watches[watch.thread] = watch
        if self.thread is None or not self.thread.is_alive():  # a process that was forked has no thread of its parent's
            with self.lock:
                if self.thread is None or not self.thread.is_alive():
                    self.thread = threading.Thread(target=self.look, name="within_limits", daemon=True)
                    self.thread.start()

    def look(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            for watch in list(self.watches.values()):
                self.check(watch)

    def check(self, watch: Watch) -> None:
        held = held_bytes()
        watch.held = held if watch.held is None else watch.held
        late, large = time.monotonic() > watch.until, held - watch.held > MOST_GROWTH
        with self.lock:
            if (late or large) and not (watch.is_done or watch.why):
                watch.why = (
                    f"it took more than {MOST_S:g} s" if late else f"it took {MOST_GROWTH / 2**30:g} GiB of memory"
                )
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(watch.thread), ctypes.py_object(TooMuch))

    def remove(self, watch: Watch) -> None:
        """Say that the work is done. If it was ended just then, the error comes through here."""
        with self.lock:
            watch.is_done = True
        self.watches.pop(watch.thread, None)
        while watch.why and not watch.has_arrived:
            time.sleep(0.001)


def held_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


def within_limits(work: Callable[[], Result]) -> Result:
    """Return the result of work that does no input or output. Errors: TimeoutError if it was ended, with the reason;
    whatever the work raises."""
    watch = Watch(threading.get_ident(), time.monotonic() + MOST_S)
    WATCHER.add(watch)
    try:
        try:
            return work()
        except TooMuch:
            watch.has_arrived = True
            raise
        finally:
            WATCHER.remove(watch)
    except TooMuch:
        raise TimeoutError(watch.why) from None


WATCHER = Watcher()
