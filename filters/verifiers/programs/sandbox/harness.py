"""Process 1 of a sandbox: takes a program from the host, runs it in a child process, and reports to the host how it
went.

It runs nothing of the program itself. The child holds no test, because it is forked before the tests are read. The
harness is not dumpable, so the child can neither trace it nor read its memory. It imports little, and only from the
standard library: imports take most of the time that a start takes. `typing` alone would take a tenth, so here and in
what is imported here only the type checker sees it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import select
import signal
import sys
from collections.abc import Callable
from functools import partial

from filters.verifiers.programs.sandbox.files import PACKAGES, end_who_keeps_too_many, look_regularly
from filters.verifiers.programs.sandbox.pipe import Closed, receive, send
from filters.verifiers.programs.sandbox.seccomp import prepared, refuse_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SET_PDEATHSIG, SET_DUMPABLE, SET_NO_NEW_PRIVS = 1, 4, 38
"""Options of prctl, from linux/prctl.h."""
MOST_FROM_HOST = 1 << 32
STACK = 100 << 20
"""Bytes of stack that deep recursion in C may take. The kernel leaves 128 MiB below the stack."""
IN, OUT = 0, 1
"""Descriptors of the pipes from and to the host."""


def settle_in(user: int | None, limits: dict[str, Any]) -> None:
    """Drop root, arrange to die with the parent, and refuse ptrace."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    # From inside its namespace, process 1 receives only the signals that it has a handler for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Under root the parent's death goes unnoticed: bwrap, without capabilities, may not signal another user id.
    signal.signal(signal.SIGIO, look_around)
    fcntl.fcntl(IN, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(IN, fcntl.F_SETFL, fcntl.fcntl(IN, fcntl.F_GETFL) | os.O_ASYNC)
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((SET_PDEATHSIG, signal.SIGKILL), (SET_DUMPABLE, 0), (SET_NO_NEW_PRIVS, 1)):
        if libc.prctl(option, value, 0, 0, 0):
            raise OSError(ctypes.get_errno(), f"prctl({option})")
    refuse_calls(program=False)
    prepared(program=True)
    look_regularly(signal.SIGIO)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It reads the program's answers, so it may use twice the program's memory and 1 GiB more.
    most = (2 * limits["memory_mib"] + 1024) << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (10 * limits["cpu_s"] + 60,) * 2)  # stops tests that never end
    os.environ.clear()


def look_around(*_: object) -> None:
    """Handle a signal from the host's pipe or from the timer: if the host is gone, end this process, which ends
    everything in the sandbox; end a program that keeps too many files."""
    poll = select.poll()
    poll.register(IN, 0)
    if poll.poll(0):
        os._exit(1)
    end_who_keeps_too_many()


def limit_child(limits: dict[str, Any]) -> None:
    """Set the child's limits, before it runs anything of the program."""
    os.setsid()
    # The soft limit equals the hard one, so the kernel kills at once, whatever the program does with SIGXCPU. It counts
    # ticks and may be early, so its limit is more than half as high again. The verdict goes by the exact time, and what
    # was killed has surely used more than it may.
    for kind, most in (
        (resource.RLIMIT_CPU, limits["cpu_s"] + 1 + limits["cpu_s"] // 2),
        (resource.RLIMIT_AS, limits["memory_mib"] << 20),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["file_mib"] << 20),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lower, lower))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (STACK if hard == resource.RLIM_INFINITY else min(STACK, hard), hard))
    refuse_calls(program=True)
    sys.path.remove("/harness")
    if limits["packages"]:
        sys.path.append(PACKAGES)
        # They would start a thread for each of the machine's processors, and pass the limit on processes.
        os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")


def redirect(*descriptors: int) -> None:
    """Duplicate the descriptors to 0, 1, 2 and so on, and close all others."""
    for at, descriptor in enumerate([os.dup(descriptor) for descriptor in descriptors]):
        os.dup2(descriptor, at)
    os.closerange(len(descriptors), 256)


class NotStarted(Exception):
    """A child could not be given its limits. The program is not at fault."""


def forked(limits: dict[str, Any], descriptors: list[int], run: Callable[[], None]) -> int:
    """Fork a child that has only these descriptors and the limits, and that then calls `run`. Return its process id.
    Errors: NotStarted."""
    ready, say_ready = os.pipe()
    child = os.fork()
    if child:
        os.close(say_ready)
        has_started = os.read(ready, 1)
        os.close(ready)
        if not has_started:
            raise NotStarted("the program could not be given its limits")
        return child
    try:
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        redirect(*descriptors, say_ready)
        limit_child(limits)
        os.write(len(descriptors), b"1")
        os.close(len(descriptors))
    except BaseException:
        os._exit(1)
    try:
        run()
    finally:
        os._exit(1)


def fate(child: int, before: float, limits: dict[str, Any]) -> dict[str, Any]:
    """Wait for the child, kill whatever it left behind, and return how it ended."""
    status, child_s = None, 0.0
    while status is None:
        process, ended, usage = os.wait4(-1, 0)
        if process == child:
            status, child_s = os.waitstatus_to_exitcode(ended), usage.ru_utime + usage.ru_stime
    clear()
    total = max(child_s, cpu_of_children() - before)
    return {"status": status, "cpu_s": total, "timeout": total >= limits["cpu_s"], "killed": status == -signal.SIGKILL}


def clear() -> None:
    """Kill every process but this one."""
    try:
        while True:
            os.kill(-1, signal.SIGKILL)
            os.wait4(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def judge_stdio(job: dict[str, Any], limits: dict[str, Any]) -> None:
    """Run one child per test: the host sends an input and receives the output, until it has seen enough.

    How long an output may be is read when the child has ended: it tells how long the expected one is, such as "YES" or
    "NO", and the child could read it in what it inherits of this process.
    """
    from filters.verifiers.programs.sandbox.program import run_script

    while True:
        given = receive(IN, MOST_FROM_HOST)
        files = [os.memfd_create(name, os.MFD_CLOEXEC) for name in ("in", "out", "err")]
        data = memoryview(given["input"].encode("utf-8", "surrogatepass"))
        while data:
            data = data[os.write(files[0], data) :]
        os.lseek(files[0], 0, os.SEEK_SET)
        before = cpu_of_children()
        child = forked(limits, files, lambda: run_script(job["program"], job["before"]))
        result = fate(child, before, limits)
        most = receive(IN, MOST_FROM_HOST)["most"]
        result["stdout"] = shortened(whole(files[1], limits).decode("utf-8", "replace"), most)
        result["stderr"] = whole(files[2], limits)[-2000:].decode("utf-8", "replace")
        for descriptor in files:
            os.close(descriptor)
        send(OUT, result)


def whole(descriptor: int, limits: dict[str, Any]) -> bytes:
    """Return what the program wrote. It may have made the file longer without writing, so the read is bounded."""
    return os.pread(descriptor, min(os.fstat(descriptor).st_size, limits["file_mib"] << 20), 0)


def shortened(text: str, most: int) -> str:
    """Return an output that is longer than the host cares for with single spaces, and of that one character more than
    the host allows, so that 16 MiB of it never reach the host."""
    return text if len(text) <= most else " ".join(text.split())[: most + 1]


def judge_asserts(job: dict[str, Any], limits: dict[str, Any]) -> None:
    """Run the tests here and the program in one child, which the tests ask for values."""
    from filters.verifiers.programs.sandbox.program import serve_program

    questions, ask = os.pipe()
    answers, answer = os.pipe()
    before = cpu_of_children()
    null = os.open("/dev/null", os.O_RDWR)
    child = forked(limits, [null, null, null, questions, answer], lambda: serve_program(3, 4, job))
    os.close(questions)
    os.close(answer)
    tests = receive(IN, MOST_FROM_HOST)
    from filters.verifiers.programs.sandbox.examiner import examine

    # What the tests do with the program's values takes time here: a range of 10^18 numbers is quickly returned.
    signal.signal(signal.SIGVTALRM, partial(out_of_time, cpu_of_this() + 0.9 * limits["cpu_s"]))
    signal.setitimer(signal.ITIMER_VIRTUAL, limits["cpu_s"])
    try:
        result = examine(answers, ask, limits["file_mib"] << 20, job, tests)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if not result.get("gone"):  # the child may still wait for a question
        os.kill(child, signal.SIGKILL)
    send(OUT, {**fate(child, before, limits), **result})


def out_of_time(least: float, *_: object) -> None:
    """Handle the timer's signal. The program may send the same one, before this process has used so many seconds."""
    if cpu_of_this() >= least:
        raise Closed("the tests took too long with what it returned")


def cpu_of_this() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Run the harness. The host's command line calls this."""
    start = receive(IN, MOST_FROM_HOST)
    settle_in(start["user"], start["limits"])
    job = receive(IN, MOST_FROM_HOST)
    with contextlib.suppress(Closed):  # the host hung up because it has seen enough
        (judge_stdio if job["kind"] == "stdio" else judge_asserts)(job, start["limits"])
