"""Starts the server of workers, once for this process, and asks it for workers."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from select import POLLIN, poll
from threading import Lock

from filters.isolation import ENVIRONMENT, ROOT, isolated_command, plain_command

READY = b"ready"


@dataclass(frozen=True)
class Forked:
    """A worker that was forked. Made by `ForkServer.fork`; the caller closes both."""

    connection: Connection
    handle: int
    """A pidfd."""

    def is_alive(self) -> bool:
        return not self.has_ended(0)

    def has_ended(self, within_s: float) -> bool:
        ended = poll()
        ended.register(self.handle, POLLIN)
        return bool(ended.poll(1000 * within_s))

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def close(self) -> None:
        self.connection.close()
        os.close(self.handle)


class ForkServer:
    """The server as this process sees it. It starts with the first worker, and again if it was killed; it ends with
    this process, and its workers with it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.control: socket.socket | None = None
        self.is_isolated = False
        """True if it runs in bubblewrap."""

    def fork(self) -> Forked:
        """Return a new worker. Errors: OSError if no server can be started."""
        with self.lock:
            if self.control:
                with suppress(OSError):
                    return forked(self.control)
                self.control.close()
            self.control = self.started()
            return forked(self.control)

    def started(self) -> socket.socket:
        """Start the server, in bubblewrap if that is there and may make namespaces here."""
        bwrap = shutil.which("bwrap")
        commands = [isolated_command(bwrap, os.geteuid() == 0)] if bwrap else []
        for command in [*commands, plain_command()]:
            ours, theirs = socket.socketpair()
            with theirs:
                quiet = None if command == plain_command() else subprocess.DEVNULL
                subprocess.Popen(
                    command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=quiet, env=ENVIRONMENT, cwd="/",
                    start_new_session=True,
                )  # fmt: skip
            if ours.recv(len(READY)) == READY:
                self.is_isolated = command != plain_command()
                return ours
            ours.close()
        raise OSError("no worker process could be started")


def forked(control: socket.socket) -> Forked:
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(control, [b"f"], [theirs.fileno()])
    _, handles, _, _ = socket.recv_fds(control, 1, 1)
    if not handles:
        ours.close()
        raise OSError("the server of workers has ended")
    return Forked(Connection(ours.detach()), handles[0])


def compile_for_workers(module: str) -> None:
    """Make sure that what a module imports is compiled: workers may not write, and each would compile it again."""
    spec = find_spec(module)
    if spec and spec.cached and not Path(spec.cached).exists():
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}"
        subprocess.run([sys.executable, "-I", "-c", code], check=False, capture_output=True)


SERVER = ForkServer()
