"""Runs a stage in a process group of its own.

Memory, GPU memory included, is free when the stage ends; a stage that dies takes its engine processes along; and when
the flow itself is killed, even with `kill -9`, a watcher ends the whole group (vLLM's engine core would otherwise live
on and hold its memory: measured, still there after 400 s).
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from flows.run.progress import Progress, Update
from records.errors import InputError

ROOT = Path(__file__).resolve().parent.parent.parent
GRACE_S = 10
LOG_TAIL = 30
"""Lines of a failed stage's log to repeat in the error."""

# Waits on the pidfds of the flow and of what must not outlive it; the first to end ends the latter, with its group if
# it leads one.
WATCHER = """
import os, select, signal, sys
flow, watched = map(int, sys.argv[1:])
leads = os.getpgid(watched) == watched
poll = select.poll()
try:
    for pid in (flow, watched):
        poll.register(os.pidfd_open(pid), select.POLLIN)
    poll.poll()
except ProcessLookupError:
    pass
try:
    (os.killpg if leads else os.kill)(watched, signal.SIGKILL)
except ProcessLookupError:
    pass
"""
QUIET = {
    "VLLM_LOGGING_LEVEL": "WARNING",
    "VLLM_NO_USAGE_STATS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore::SyntaxWarning",  # cellpylib's, a dependency of reasoning-gym, in every process
}


RUNNING: set[subprocess.Popen[bytes]] = set()
"""Children of this process; several where threads run stages."""


class StageFailed(Exception):
    """A stage's process failed for a reason other than the user's input; the message ends in its log."""


def run_in_child(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    log: Path,
    update: Callable[[Update], None],
    variables: dict[str, str] | None = None,
) -> Any:
    """Call `function(*arguments, progress=…)` in a new process and return its result.

    `variables` are added to its environment. Its output goes to the file `log`, its progress to `update`. Errors:
    InputError as raised there; OSError of a full or read-only disk as InputError; StageFailed for anything else, a
    killed process included.
    """
    ours, theirs = Pipe()
    environment = os.environ | QUIET | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    environment |= variables or {}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.run.child", str(theirs.fileno()), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    RUNNING.add(process)
    theirs.close()
    try:
        with contextlib.suppress(BrokenPipeError):
            ours.send_bytes(pickle.dumps((function, arguments)))
        outcome, value = receive(ours, update)
        if outcome == "died":
            raise StageFailed(f"its process ended with {describe_exit(process.wait())}\n{tail(log)}")
        if outcome == "input":
            raise InputError(value)
        if outcome == "error":
            raise StageFailed(f"{value}\n{tail(log)}")
        return value
    finally:
        stop(process)
        RUNNING.discard(process)


def stop_all() -> None:
    """End the children of every thread; the threads find theirs dead."""
    for process in list(RUNNING):
        stop(process)


def receive(connection: Connection, update: Callable[[Update], None]) -> tuple[str, Any]:
    """Pass progress on until the result comes, or the process is gone."""
    while True:
        try:
            kind, value = connection.recv()
        except (EOFError, ConnectionResetError):
            return "died", None
        if kind != "progress":
            return kind, value
        update(value)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group, if anything of it is left: politely, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
    process.wait()


def end_with(flow: int, watched: int) -> None:
    """See to it that the process `watched` does not outlive the process `flow`, however that ends."""
    command = [sys.executable, "-I", "-S", "-c", WATCHER, str(flow), str(watched)]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, start_new_session=True, stdin=quiet, stdout=quiet, stderr=quiet)


def describe_exit(code: int) -> str:
    if code < 0:
        hint = " (out of memory, or killed by hand)" if -code == signal.SIGKILL else ""
        return f"signal {signal.Signals(-code).name}{hint}"
    return f"exit code {code}"


def tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
    return "\n".join([f"last lines of {log}:", *lines])


def main() -> None:
    """The child: `python -m flows.run.child FD FLOW_PID`."""
    connection, flow = Connection(int(sys.argv[1])), int(sys.argv[2])
    os.set_inheritable(connection.fileno(), False)
    end_with(flow, os.getpid())
    try:
        function, arguments = pickle.loads(connection.recv_bytes())
        progress = Progress(lambda update: connection.send(("progress", update)))
        result = ("ok", function(*arguments, progress=progress))
    except InputError as error:
        result = ("input", str(error))
    except OSError as error:
        traceback.print_exc()
        result = ("input", f"{error}: free space or correct the permissions, then run the same command again")
    except Exception as error:
        traceback.print_exc()
        result = ("error", f"{type(error).__name__}: {error}")
    connection.send(result)


if __name__ == "__main__":
    main()
