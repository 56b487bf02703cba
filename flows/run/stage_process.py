"""The zygote and the stage processes that it forks: `python -m flows.run.stage_process SOCKET_FD FLOW_PID`.

The module imports nothing heavy and starts no thread, because a fork copies only the thread that forks.
"""

import contextlib
import gc
import importlib
import os
import pickle
import select
import signal
import socket
import sys
from multiprocessing.connection import Connection
from typing import Any

from flows.run.importing import without_collecting
from flows.run.os_errors import outcome_of
from flows.run.progress import Progress
from flows.run.watcher import end_with


def main() -> None:
    requests, flow = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    forked = fork_on_request(requests)
    if forked:
        request, (connection, log) = forked
        become_stage(request, log, flow)
        serve(Connection(connection))


def fork_on_request(requests: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Fork for every request. Return the request and its file descriptors in the new process; return None in this
    process when the flow has ended."""
    reports: dict[int, int] = {}
    waking, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler no byte is written to wake `select`
    signal.set_wakeup_fd(woken)
    sources: list[Any] = [requests, waking]
    while True:
        ready = select.select(sources, [], [])[0]
        if waking in ready:
            os.read(waking, 512)
            report_ended(reports)
        if requests not in ready:
            continue
        packet, descriptors, _, _ = socket.recv_fds(requests, 1, 4)
        if not packet:
            return None
        content, *descriptors = descriptors
        request = pickle.loads(read_whole(content))
        with without_collecting():
            for module in request["preload"]:
                with contextlib.suppress(Exception):  # the stage's own import fails again, and logs the error
                    importlib.import_module(module)
        if not descriptors:
            continue
        *served, report = descriptors
        gc.freeze()  # existing objects stay shared with the child; its first collection would copy them
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for unused in (waking, woken, report, *reports.values()):
                os.close(unused)
            requests.close()
            return request, served
        with contextlib.suppress(OSError):  # the child has done it itself, or has ended
            os.setpgid(pid, pid)
        os.write(report, b"%d\n" % pid)
        reports[pid] = report
        for passed in served:
            os.close(passed)


def read_whole(descriptor: int) -> bytes:
    """Read a file from its start, and close it."""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        return file.read()


def report_ended(reports: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        report = reports.pop(pid, None)
        if report is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(report, b"%d\n" % status)
            os.close(report)


def become_stage(request: dict[str, Any], log: int, flow: int) -> None:
    """Set up the forked process: its own process group, the requester's environment and module path, output to the
    log."""
    os.setpgid(0, 0)
    end_with(flow, os.getpid())
    for output in (1, 2):
        os.dup2(log, output)
    os.close(log)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:] = request["path"]


def serve(connection: Connection) -> None:
    """Call the function received over the connection, and send back its result or the error."""
    result: tuple[str, Any]
    try:
        function, arguments = pickle.loads(connection.recv_bytes())
        progress = Progress(lambda update: connection.send(("progress", update)))
        result = ("ok", function(**arguments, progress=progress))
    except Exception as error:
        result = outcome_of(error)
    connection.send(result)


if __name__ == "__main__":
    main()
