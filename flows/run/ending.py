"""Ends a run soon after Ctrl-C, and when Prefect's temporary server has died.

Without its server Prefect tries every call again for minutes. Nothing is lost if the run ends at once instead: what is
done lies on disk, and a watcher beside each stage ends it with the flow.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from flows.command_line import INTERRUPTED
from flows.run.prefect_setup import embedded_servers
from flows.run.watcher import end_with

PATIENCE_S = 12.0
"""Seconds after Ctrl-C in which the stages and Prefect may end by themselves. A stage's own grace is 10 s."""
LOOK_EVERY_S = 1.0
STARTS_S = 0.05
"""Seconds between two looks for the server while there is none."""
NOT_STARTED = 3
"""The status with which a server ends that cannot start. Prefect starts another one then, as its port may be taken."""
STARTS = 3
"""How many servers may end so until nobody waits for a further one. Prefect goes on for minutes."""
INTERRUPTION = INTERRUPTED, "interrupted; the same command continues"
"""Exit status and last line after Ctrl-C."""
SERVER_DIED = 1, "error: Prefect's temporary server has died, which stops the run; the same command continues"
CANNOT_START = (
    1,
    "error: Prefect's temporary server cannot start, as it says above; if that is of its database, set PREFECT_HOME to "
    "another folder",
)


@contextmanager
def ending_soon() -> Iterator[None]:
    """Within the block Ctrl-C ends this process after PATIENCE_S at the latest, and the death of a server that Prefect
    has started ends it at once."""
    over, interrupted = threading.Event(), threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        timer = threading.Timer(PATIENCE_S, end, (*INTERRUPTION, over))
        timer.daemon = True
        timer.start()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    threading.Thread(target=watch_servers, args=(interrupted, over), name="server-watch", daemon=True).start()
    try:
        yield
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)


def watch_servers(interrupted: threading.Event, over: threading.Event) -> None:
    """Make each server of Prefect's end with this process as soon as it is there: it starts for half a minute, and
    Prefect itself ends it at exit alone, which a SIGTERM or `kill -9` leaves no time for. End this process when one has
    died, or cannot start. On a terminal Ctrl-C reaches the servers as well, and ends them."""
    seen: list[subprocess.Popen[bytes]] = []
    while not over.wait(LOOK_EVERY_S if seen else STARTS_S):
        for server in embedded_servers():
            process = server.server_process
            if process and process not in seen:
                seen.append(process)
                with suppress(OSError):  # no further process may be had; the watch goes on
                    end_with(os.getpid(), process.pid)
        died = [process.returncode for process in seen if process.poll() is not None]
        if died != [NOT_STARTED] * len(died) or len(died) == STARTS:
            died_of = CANNOT_START if {*died} == {NOT_STARTED} else SERVER_DIED
            end(*(INTERRUPTION if interrupted.is_set() else died_of), over)


def end(status: int, line: str, over: threading.Event) -> None:
    """End this process now, unless the block has ended by itself meanwhile."""
    if over.is_set():
        return None
    print(line, file=sys.stderr, flush=True)
    os._exit(status)
