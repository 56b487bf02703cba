"""Starts one sandbox (bubblewrap) for one program and talks to the harness in it. Nothing of a program ever runs
outside.

A sandbox has no network, no environment, no /proc, a read-only system without home directories, a private /tmp, and its
own namespace of every kind. The harness is process 1 of its namespace, so nothing inside can kill it, and everything
inside dies with it.
"""

import json
import os
import secrets
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from compileall import compile_dir
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from filters.verifiers.programs.sandbox.activity import Activity
from filters.verifiers.programs.sandbox.bubblewrap import bubblewrap, command
from filters.verifiers.programs.sandbox.host_memory import may_have_killed, oom_kills
from filters.verifiers.programs.sandbox.limits import Limits
from filters.verifiers.programs.sandbox.memory import held_mib
from filters.verifiers.programs.sandbox.pipe import HEADER, framed
from filters.verifiers.programs.sandbox.result import is_result
from filters.verifiers.programs.sandbox.running import RUNNING
from records.errors import InputError

FIRST_UID = 1_000_000_000
"""Under root each sandbox drops to a user id of its own, from this one on, so that its process limit counts only its
own processes."""
OOM_FIRST = 'echo 1000 >/proc/self/oom_score_adj; exec "$@"'
"""Makes the kernel kill the sandbox before the pipeline if the host runs out of memory."""

MOST_TIMES = 16
"""Bound of a message from the harness, in files of the largest size: JSON writes one character in up to 12 bytes."""
MOST_OF_TESTS = 1 << 20
"""Bytes of a report without outputs, which holds one error at most; JSON of empty lists takes 20 times as much once it
is read, and a stranger's tests may send it."""
LOOK_EVERY_S = 0.1
"""Seconds between two looks at the memory and the activity of a sandbox that is running. In 0.1 s two cores fill less
than 1 GiB."""


class SandboxFailed(Exception):
    """The sandbox failed, not the program: namespaces were refused or the host had no memory. This never counts
    against the program."""


class WallLimit(Exception):
    """The sandbox gave no answer within the wall limit, in which it was idle and ran for so many seconds."""

    def __init__(self, idle_s: float, ran_s: float) -> None:
        super().__init__("no answer within the wall limit")
        self.idle_s, self.ran_s = idle_s, ran_s


class MemoryLimit(Exception):
    """The processes of the sandbox held more memory together than they may. The message says how much."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox; exchanges framed JSON with its harness."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    harness: int
    """Process id of the harness, as this side sees it."""
    limits: Limits
    oom_kills: int | None
    """The kernel's count when the sandbox began."""
    activity: Activity

    def send(self, message: Any) -> None:
        assert self.process.stdin
        try:
            self.process.stdin.write(framed(message))
            self.process.stdin.flush()
        except BrokenPipeError:
            raise SandboxFailed(self.complaint()) from None

    def receive(self, wall_s: float, *needed: str) -> Any:
        """Return the harness's next report, which has the fields `needed`. Errors: WallLimit, MemoryLimit,
        SandboxFailed."""
        deadline = time.monotonic() + wall_s
        idle_s, ran_s = self.activity.begin()
        try:
            (size,) = HEADER.unpack(self.read(HEADER.size, deadline))
            if size > (MOST_TIMES * (self.limits.file_mib << 20) if needed else MOST_OF_TESTS):
                raise SandboxFailed(f"it sent {size:,} bytes")
            report = json.loads(self.read(size, deadline))
        except TimeoutError:
            raise WallLimit(self.activity.idle_s - idle_s, self.activity.ran_s - ran_s) from None
        except (ValueError, RecursionError):
            report = None
        if not is_result(report, *needed):
            raise SandboxFailed("it sent something that is no result")
        return report

    def read(self, size: int, deadline: float) -> bytes:
        assert self.process.stdout
        descriptor, parts = self.process.stdout.fileno(), []
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while size:
            while not poll.poll(min(max(0.0, deadline - time.monotonic()), LOOK_EVERY_S) * 1000):
                self.activity.look()
                if time.monotonic() >= deadline:
                    raise TimeoutError
                self.check_memory()
            part = os.read(descriptor, min(size, 1 << 20))
            if not part:
                raise SandboxFailed(self.complaint())
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def check_memory(self) -> None:
        held = held_mib(self.harness)
        if held > self.limits.total_memory_mib:
            raise MemoryLimit(f"its processes held {held:.0f} MiB together, of {self.limits.total_memory_mib}")

    def host_may_have_killed(self) -> bool:
        """Return True unless it is sure that no process of the sandbox was killed for want of memory."""
        return may_have_killed(self.oom_kills)

    def complaint(self) -> str:
        """Return bwrap's exit status and the end of its error output."""
        status = self.process.wait()
        self.errors.seek(0)
        return f"status {status} {self.errors.read(2000).decode(errors='replace').strip()[-300:]}"


@cache
def check_sandbox() -> None:
    """Start a sandbox and end it, once per process. Errors: InputError if bwrap is missing or may not create a
    sandbox."""
    # A harness may not write, so each would compile its own code again, a fifth of what a start takes (54 ms).
    compile_dir(Path(__file__).parent, quiet=2)
    try:
        with sandbox(Limits()) as box:
            box.send({"kind": "assert", "program": "", "before": [], "classes": []})
            box.send(
                {"setup": [], "tests": [], "hidden": [], "replaced": [], "imports": [], "own": None, "refused": []}
            )
            box.receive(30)
    except (SandboxFailed, WallLimit) as error:
        raise InputError(
            f"bwrap cannot start a sandbox here ({error}): allow user namespaces (sysctl user.max_user_namespaces, "
            "kernel.apparmor_restrict_unprivileged_userns=0; in a container seccomp and capabilities) or run as root"
        ) from None


@contextmanager
def sandbox(limits: Limits) -> Iterator[Sandbox]:
    """Start a harness that waits for a program. On exit all its processes and files are gone."""
    user = FIRST_UID + secrets.randbelow(1_000_000_000) if os.geteuid() == 0 else None
    reading, writing = os.pipe()
    start = ["/bin/sh", "-c", OOM_FIRST, "sh", *command(bubblewrap(), limits, user, writing)]
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile() as errors, os.fdopen(reading, "rb") as info:
        try:
            process = subprocess.Popen(
                start, stdin=pipe, stdout=pipe, stderr=errors, env={}, cwd="/", pass_fds=[writing]
            )
        except OSError as error:
            raise SandboxFailed(str(error)) from None
        finally:
            os.close(writing)
        harness = None
        try:
            pid = pid_of(info.read())
            harness = handle_of(pid)
            box = Sandbox(process, errors, pid, limits, oom_kills(), Activity(pid))
            with RUNNING.listed(harness):
                box.send({"limits": asdict(limits), "user": user})
                yield box
        finally:
            end(process, harness)


def pid_of(info: bytes) -> int:
    """Return the id of the sandbox's process 1, from what bwrap reports; 0 if it never started."""
    try:
        return int(json.loads(info)["child-pid"])
    except ValueError:
        return 0


def handle_of(pid: int) -> int | None:
    """Return a handle of a process; None if it is not there."""
    try:
        return os.pidfd_open(pid) if pid else None
    except ProcessLookupError:
        return None


def end(process: subprocess.Popen[bytes], harness: int | None) -> None:
    """Kill process 1 and with it everything that runs in the sandbox; bwrap reaps it and ends."""
    if harness is None:
        process.kill()
    else:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(harness, signal.SIGKILL)
        os.close(harness)
    process.wait()
    assert process.stdin
    assert process.stdout
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.stdout.close()
