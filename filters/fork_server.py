"""Forks workers from one process that has imported what they need. It runs no thread and reads no text of a model.

`multiprocessing` has such a server too, but not one that starts in a sandbox: it names processes by their ids, and
locks by files that all of them must see. This one is asked over a socket, by descriptors: it gets a worker's end of a
pipe and returns a handle (pidfd) of the process, which says when it ends and can kill it from any namespace.
"""

import ctypes
import os
import signal
import socket
from multiprocessing.connection import Connection

SET_PDEATHSIG = 1
"""Option of prctl, from linux/prctl.h."""
CONTROL = 0
"""The descriptor of the socket."""


def main() -> None:
    """Fork a worker for every request; end when the other side hangs up. The command line in isolation.py calls
    this."""
    import filters.chain
    import filters.in_worker  # noqa: F401  so that no worker has to import them

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel forgets a worker that has ended
    with socket.socket(fileno=os.dup(CONTROL)) as control:
        os.dup2(os.open(os.devnull, os.O_RDWR), CONTROL)
        control.send(b"ready")
        while True:
            _, received, _, _ = socket.recv_fds(control, 1, 1)
            if not received:
                return
            worker = os.fork()
            if not worker:
                control.close()
                work(received[0])
            handle = os.pidfd_open(worker)
            socket.send_fds(control, [b"p"], [handle])
            os.close(handle)
            os.close(received[0])


def work(descriptor: int) -> None:
    """Be a worker: never returns."""
    from filters.in_worker import serve

    # Without a process namespace nothing else ends a busy worker whose server was killed.
    ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        serve(Connection(descriptor))
    finally:
        os._exit(1)
