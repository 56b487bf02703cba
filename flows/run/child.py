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
from flows.run.stall import StallWatch
from flows.run.zygote import NO_STATUS, ZYGOTE, Forked
from records.errors import InputError
from records.files import link_error, never_a_link

GRACE_S = 10
RESTARTS = 3
"""How often a stage that stalls is started again."""
LOG_TAIL = 30
"""Last lines of a failed stage's log that the error repeats."""
RUNNING: set[Forked] = set()
"""Stage processes that this process has started; there are several if threads run stages."""


class StageFailed(Exception):
    """A stage's process failed for a reason other than the user's input. The message ends with the end of its log."""


class Stalled(Exception):
    """A stage's process did nothing for too long, and was ended."""


def run_in_child(
    function: Callable[..., Any],
    arguments: dict[str, Any],
    *,
    log: Path,
    update: Callable[[Update], None],
    variables: dict[str, str] | None = None,
    preload: tuple[str, ...] = (),
    stall_timeout_s: float | None = None,
) -> Any:
    """Call `function(**arguments, progress=…)` in a separate process and return its result.

    `variables` are added to its environment; `preload` names the modules that it will need. Its output goes to the file
    `log`, its progress to `update`. A process that neither reports progress nor uses a processor for `stall_timeout_s`
    is ended and started again, up to RESTARTS times. Errors: InputError as raised by the function, and for a full disk,
    missing permissions or an unreachable network; StageFailed for anything else, such as a killed process.
    """
    for left in range(RESTARTS, -1, -1):
        try:
            return run_once(function, arguments, log, update, variables or {}, preload, stall_timeout_s)
        except Stalled as error:
            if not left:
                raise StageFailed(f"{error}, {RESTARTS + 1} times\n{tail(log)}") from None
            update((None, f"{error}: it is ended and started again"))


def run_once(
    function: Callable[..., Any],
    arguments: dict[str, Any],
    log: Path,
    update: Callable[[Update], None],
    variables: dict[str, str],
    preload: tuple[str, ...],
    stall_timeout_s: float | None,
) -> Any:
    """Run it as `run_in_child` does, once. Errors: as there, and Stalled."""
    ours, theirs = Pipe()
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.parent.is_symlink():  # planted since the run began
        raise link_error(log.parent)
    with open(log, "ab", opener=never_a_link) as output, theirs:
        process = ZYGOTE.fork(preload, variables, theirs.fileno(), output)
    RUNNING.add(process)
    try:
        with contextlib.suppress(BrokenPipeError):
            ours.send_bytes(pickle.dumps((function, arguments)))
        watch = StallWatch(process.pid, stall_timeout_s) if stall_timeout_s and process.pid else None
        outcome, value = receive(ours, update, watch)
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


def receive(connection: Connection, update: Callable[[Update], None], watch: StallWatch | None) -> tuple[str, Any]:
    """Pass progress on until the result arrives or the process has ended. Errors: Stalled."""
    while True:
        try:
            if watch and not connection.poll(watch.look_every_s):
                if watch.stalled():
                    raise Stalled(f"no progress and no processor time for {watch.limit_s:g} s")
                continue
            kind, value = connection.recv()
        except (EOFError, ConnectionResetError):
            return "died", None
        if kind != "progress":
            return kind, value
        if watch:
            watch.progressed()
        update(value)


def describe_exit(code: int) -> str:
    if code == NO_STATUS:
        return "an unknown status: the process it was forked from died as well"
    if code < 0:
        hint = " (out of memory, or killed by hand)" if -code == signal.SIGKILL else ""
        name = next((one.name for one in signal.Signals if one == -code), -code)  # most real-time ones have none
        return f"signal {name}{hint}"
    return f"exit code {code}"


def tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
    return "\n".join([f"last lines of {log}:", *lines])
