"""One worker process as its parent sees it: started, given one task at a time, killed at the time limit.

Every worker has a pipe of its own and shares no lock with others, so that one that is killed, at whatever it does,
takes nothing with it (a pool over a shared queue breaks when a worker dies that holds the queue's lock).
"""

from collections.abc import Callable, Sequence
from multiprocessing.reduction import ForkingPickler
from threading import Timer
from typing import Any

from configs.judging import Judging
from filters.forking import SERVER
from filters.in_worker import Preparation
from filters.replies import MOST_BYTES, MOST_TIMES, NoReply, Reader, read
from filters.rules.rule import Filter

TASKS_PER_PROCESS = 500
"""A process is replaced after this many tasks, so that sympy's caches cannot grow for ever."""
START_S, END_S = 300, 10
"""Longest times in which a process imports what it needs (on a busy machine reasoning-gym has taken 20 s), and in which
one that was killed ends."""


class WorkerDied(Exception):
    """The process ended during a task, or replied with something else than a result."""


class WorkerProcess:
    """A process that has imported what its tasks need before any time limit starts."""

    def __init__(self, config: Judging, rules: Sequence[Filter], modules: Sequence[str]) -> None:
        """Start the process. Errors: OSError."""
        self.timeout_s, self.modules, self.tasks = config.timeout_s, frozenset(modules), 0
        cpu_s = TASKS_PER_PROCESS * (int(config.timeout_s) + 1)
        self.preparation = Preparation(config.memory_mib, cpu_s, list(rules), list(modules))
        self.forked = SERVER.fork()

    def prepare(self) -> None:
        """Wait until the process is ready for its first task. Errors: WorkerDied if it does not get so far."""
        self.within(START_S, self.preparation)

    @property
    def is_usable(self) -> bool:
        """True if the process is there and may take another task."""
        return self.tasks < TASKS_PER_PROCESS and self.forked.is_alive()

    def run(self, work: Callable[[Any], Any], argument: Any, reader: Reader) -> Any:
        """Return what `reader` makes of the process's reply to `work(argument)`. Errors: TimeoutError if it was killed
        at the time limit; WorkerDied if it ended, if the work raised an error, and if the reply is none."""
        self.tasks += 1
        try:
            failed, result = read(self.within(self.timeout_s, (work, argument)))
            if failed:
                raise WorkerDied(f"failed: {result}")
            return reader(result, argument)
        except NoReply as error:
            self.kill()
            self.forked.has_ended(END_S)
            raise WorkerDied(f"sent no reply: {error}") from error

    def within(self, limit_s: float, message: Any) -> bytes:
        """Send a message and return the reply. A process that takes longer than `limit_s` is killed: that ends the
        waiting too, also where a stopped process does not read what it is sent."""
        sent = ForkingPickler.dumps(message)
        timer = Timer(limit_s, self.forked.kill)
        timer.daemon = True
        timer.start()
        try:
            self.forked.connection.send_bytes(sent)
            return self.forked.connection.recv_bytes(MOST_TIMES * len(sent) + MOST_BYTES)
        except (EOFError, OSError) as error:
            is_late = timer.finished.is_set()
            self.kill()
            self.forked.has_ended(END_S)
            if is_late:
                raise TimeoutError(f"{limit_s:g} s") from error
            raise WorkerDied("ended") from error
        finally:
            timer.cancel()

    def kill(self) -> None:
        self.forked.kill()

    def end(self) -> None:
        """Let go of the process, whatever it is doing."""
        self.kill()
        self.forked.has_ended(END_S)
        self.forked.close()
