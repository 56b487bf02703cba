"""Ends a run soon after Ctrl-C, and when Prefect's temporary server has died.

Without its server Prefect tries every call again for minutes. Nothing is lost if the run ends at once instead: what is
done lies on disk, and a watcher beside each stage ends it with the flow.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from flows.command_line import INTERRUPTED
from flows.run.prefect_setup import embedded_servers
from flows.run.watcher import end_with

PATIENCE_S = 12.0
"""Seconds after Ctrl-C in which the stages and Prefect may end by themselves. A stage's own grace is 10 s."""
LOOK_EVERY_S = 1.0
STARTS_S = 0.05
"""Seconds between two looks for the server while there is none."""
INTERRUPTION = INTERRUPTED, "interrupted; the same command continues"
"""Exit status and last line after Ctrl-C."""
SERVER_DIED = 1, "error: Prefect's temporary server has died, which stops the run; the same command continues"
WATCHES: list[Callable[[], None]] = []
"""Begins to watch Prefect's server, while a command is at work. A flow must not hold it: Prefect sends the flow to the
workers of a cluster, and threads' locks cannot be sent."""


@contextmanager
def ending_soon() -> Iterator[None]:
    """Within the block Ctrl-C ends this process after PATIENCE_S at the latest. Once `server_is_there` was called, the
    death of the server that Prefect has started ends it at once."""
    over, interrupted = threading.Event(), threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        timer = threading.Timer(PATIENCE_S, end, (*INTERRUPTION, over))
        timer.daemon = True
        timer.start()
        if callable(before):
            before(number, frame)

    def watch() -> None:
        servers = [server.server_process for server in embedded_servers()]
        threading.Thread(
            target=watch_servers, args=(servers, interrupted, over), name="server-watch", daemon=True
        ).start()

    signal.signal(signal.SIGINT, interrupt)
    threading.Thread(target=end_servers_with_us, args=(over,), name="server-start", daemon=True).start()
    WATCHES.append(watch)
    try:
        yield
    finally:
        WATCHES.remove(watch)
        over.set()
        signal.signal(signal.SIGINT, before)


def server_is_there() -> None:
    """Watch the server that Prefect has started, from now on. A flow calls it, as the server is there by then."""
    for watch in WATCHES:
        watch()


def end_servers_with_us(over: threading.Event) -> None:
    """Make Prefect's server end with this process, as soon as its process is there: it starts for half a minute, and
    Prefect itself ends it at exit alone, which a SIGTERM or `kill -9` leaves no time for."""
    while not over.wait(STARTS_S):
        if servers := embedded_servers():
            for server in servers:
                end_with(os.getpid(), server.server_process.pid)
            return


def watch_servers(servers: list[subprocess.Popen[bytes]], interrupted: threading.Event, over: threading.Event) -> None:
    """End the process when a server has died. On a terminal Ctrl-C reaches the servers as well, and ends them."""
    while not over.wait(LOOK_EVERY_S):
        if any(server.poll() is not None for server in servers):
            end(*(INTERRUPTION if interrupted.is_set() else SERVER_DIED), over)


def end(status: int, line: str, over: threading.Event) -> None:
    """End this process now, unless the block has ended by itself meanwhile."""
    if over.is_set():
        return None
    print(line, file=sys.stderr, flush=True)
    os._exit(status)
