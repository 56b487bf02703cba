"""Process 1 of a sandbox: takes a program from the host, runs it in a child, and tells the host how it went.

It runs nothing of the program itself. The child holds no test: it is forked before the tests are read. Not dumpable,
so the child can neither trace it nor read its memory. Standard library only, and little of it: imports are most of a
start.
"""

import contextlib
import ctypes
import fcntl
import os
import resource
import select
import signal
import sys
from collections.abc import Callable
from typing import Any

from filters.verifiers.programs.sandbox.pipe import Closed, receive, send

SET_PDEATHSIG, SET_DUMPABLE, SET_NO_NEW_PRIVS = 1, 4, 38
"""linux/prctl.h"""
MOST_FROM_HOST = 1 << 32
STACK = 100 << 20
"""Bytes: what deep recursion in C may take. The kernel leaves 128 MiB below the stack."""
IN, OUT = 0, 1
"""Descriptors from and to the host."""


def settle_in(user: int | None, limits: dict[str, Any]) -> None:
    """Drop root, die with the parent, and be closed to ptrace."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    # Process 1 is deaf to all signals from within but those it has a handler for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # As root, death of the parent reaches nobody: bwrap, without capabilities, may not signal the other user id.
    signal.signal(signal.SIGIO, leave)
    fcntl.fcntl(IN, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(IN, fcntl.F_SETFL, fcntl.fcntl(IN, fcntl.F_GETFL) | os.O_ASYNC)
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((SET_PDEATHSIG, signal.SIGKILL), (SET_DUMPABLE, 0), (SET_NO_NEW_PRIVS, 1)):
        if libc.prctl(option, value, 0, 0, 0):
            raise OSError(ctypes.get_errno(), f"prctl({option})")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It reads what the program answers: twice the program's own memory, and 1 GiB.
    most = (2 * limits["memory_mib"] + 1024) << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (10 * limits["cpu_s"] + 60,) * 2)  # tests that never end
    os.environ.clear()


def leave(*_: object) -> None:
    """Something happened to the pipe from the host: end where the host is gone, and all in the sandbox ends too."""
    poll = select.poll()
    poll.register(IN, 0)
    if poll.poll(0):
        os._exit(1)


def limit_child(limits: dict[str, Any]) -> None:
    """In the child, before it runs anything of the program."""
    os.setsid()
    # Soft equals hard: the kernel kills at once, whatever the program does with SIGXCPU. It counts by ticks and may be
    # early; the verdict is by the exact time, so what is killed has surely used more than it may.
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
    sys.path.remove("/harness")


def redirect(*descriptors: int) -> None:
    """Make them 0, 1, 2 …, and close every other one."""
    for at, descriptor in enumerate([os.dup(descriptor) for descriptor in descriptors]):
        os.dup2(descriptor, at)
    os.closerange(len(descriptors), 256)


def forked(limits: dict[str, Any], descriptors: list[int], run: Callable[[], None]) -> int:
    """A child that has these descriptors and the limits, and then runs."""
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        redirect(*descriptors)
        limit_child(limits)
    except BaseException:
        os.kill(os.getpid(), signal.SIGKILL)  # reads as killed, so as unknown: not the program's fault
    try:
        run()
    finally:
        os._exit(1)


def fate(child: int, before: float, limits: dict[str, Any]) -> dict[str, Any]:
    """Wait for the child, kill whatever it left, and say how it ended."""
    status, own = None, 0.0
    while status is None:
        process, ended, usage = os.wait4(-1, 0)
        if process == child:
            status, own = os.waitstatus_to_exitcode(ended), usage.ru_utime + usage.ru_stime
    clear()
    total = max(own, cpu_of_children() - before)
    return {"status": status, "cpu_s": total, "timeout": total >= limits["cpu_s"], "killed": status == -signal.SIGKILL}


def clear() -> None:
    """End every process but this one."""
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
    """One child per test: the host sends an input and gets the output, until it has seen enough."""
    from filters.verifiers.programs.sandbox.program import run_script

    while True:
        given = receive(IN, MOST_FROM_HOST)["input"]
        files = [os.memfd_create(name, os.MFD_CLOEXEC) for name in ("in", "out", "err")]
        data = memoryview(given.encode("utf-8", "surrogatepass"))
        while data:
            data = data[os.write(files[0], data) :]
        os.lseek(files[0], 0, os.SEEK_SET)
        before = cpu_of_children()
        child = forked(limits, files, lambda: run_script(job["program"]))
        result = fate(child, before, limits)
        result["stdout"] = whole(files[1], limits).decode("utf-8", "replace")
        result["stderr"] = whole(files[2], limits)[-2000:].decode("utf-8", "replace")
        for descriptor in files:
            os.close(descriptor)
        send(OUT, result)


def whole(descriptor: int, limits: dict[str, Any]) -> bytes:
    """What the program wrote; it may have made the file longer without writing, so only so much is read."""
    return os.pread(descriptor, min(os.fstat(descriptor).st_size, limits["file_mib"] << 20), 0)


def judge_asserts(job: dict[str, Any], limits: dict[str, Any]) -> None:
    """One child holds the program; the tests run here and ask it for values."""
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

    result = examine(answers, ask, limits["file_mib"] << 20, job, tests)
    if not result.get("gone"):  # it waits for a question, or for nothing
        os.kill(child, signal.SIGKILL)
    send(OUT, {**fate(child, before, limits), **result})


def main() -> None:
    """Called by the host's command line."""
    start = receive(IN, MOST_FROM_HOST)
    settle_in(start["user"], start["limits"])
    job = receive(IN, MOST_FROM_HOST)
    with contextlib.suppress(Closed):  # the host has seen enough
        (judge_stdio if job["kind"] == "stdio" else judge_asserts)(job, start["limits"])
