"""Ends a process, with its group if it leads one, when another process ends: `python watcher.py FLOW_PID WATCHED_PID`.

A killed flow cannot end its stages itself, and vLLM's engine core would keep running and hold its memory (measured: it
was still running after 400 s). The watcher waits for either process, so it also ends when the watched one does.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys


def end_with(flow: int, watched: int) -> None:
    """Make sure that the process `watched` does not outlive the process `flow`, even a killed one. If `watched` leads a
    process group, the whole group ends."""
    command = [sys.executable, "-I", "-S", __file__, str(flow), str(watched)]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, start_new_session=True, stdin=quiet, stdout=quiet, stderr=quiet)


def main(flow: int, watched: int) -> None:
    """Wait for either process to end, by their pidfds; then kill what is left of the watched one."""
    leads = True
    with contextlib.suppress(ProcessLookupError):
        leads = os.getpgid(watched) == watched
        poll = select.poll()
        for pid in (flow, watched):
            poll.register(os.pidfd_open(pid), select.POLLIN)
        poll.poll()
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if leads else os.kill)(watched, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
