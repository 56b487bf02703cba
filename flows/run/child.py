"""Runs a stage in its own process group.

When the stage ends, its memory is freed, GPU memory included. When it dies, its engine processes end as well. When the
flow itself is killed, even with `kill -9`, a watcher ends the whole group.
"""

import contextlib
import pickle
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from flows.run.progress import Update
from flows.run.zygote import NO_STATUS, ZYGOTE, Forked
from records.errors import InputError

GRACE_S = 10
LOG_TAIL = 30
"""Last lines of a failed stage's log that the error repeats."""
RUNNING: set[Forked] = set()
"""Stage processes that this process has started; there are several if threads run stages."""


class StageFailed(Exception):
    """A stage's process failed for a reason other than the user's input. The message ends with the end of its log."""


def run_in_child(
    function: Callable[..., Any],
    arguments: dict[str, Any],
    *,
    log: Path,
    update: Callable[[Update], None],
    variables: dict[str, str] | None = None,
    preload: tuple[str, ...] = (),
) -> Any:
    """Call `function(**arguments, progress=…)` in a separate process and return its result.

    `variables` are added to its environment; `preload` names the modules that it will need. Its output goes to the file
    `log`, its progress to `update`. Errors: InputError as raised by the function, and for a full disk, missing
    permissions or an unreachable network; StageFailed for anything else, such as a killed process.
    """
    ours, theirs = Pipe()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output, theirs:
        process = ZYGOTE.fork(preload, variables or {}, theirs.fileno(), output)
    RUNNING.add(process)
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
        process.end_group(GRACE_S)
        RUNNING.discard(process)
        ours.close()


def stop_all() -> None:
    """End the stage processes of all threads, which makes the threads fail."""
    for process in list(RUNNING):
        process.end_group(GRACE_S)


def receive(connection: Connection, update: Callable[[Update], None]) -> tuple[str, Any]:
    """Pass progress on until the result arrives or the process has ended."""
    while True:
        try:
            kind, value = connection.recv()
        except (EOFError, ConnectionResetError):
            return "died", None
        if kind != "progress":
            return kind, value
        update(value)


def describe_exit(code: int) -> str:
    if code == NO_STATUS:
        return "an unknown status: the process it was forked from died as well"
    if code < 0:
        hint = " (out of memory, or killed by hand)" if -code == signal.SIGKILL else ""
        return f"signal {signal.Signals(-code).name}{hint}"
    return f"exit code {code}"


def tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
    return "\n".join([f"last lines of {log}:", *lines])
