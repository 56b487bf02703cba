"""Bounds the number of files that a program keeps. bubblewrap bounds their bytes, but each takes a kilobyte of the
kernel's memory besides, which no limit of a process counts. Only the standard library, as the sandbox needs it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct

WRITABLE = ("/tmp", "/dev/shm")
"""The folders that a program may write to. In the second one the C library makes the semaphores that pools and queues
of `multiprocessing` need."""
PACKAGES = "/packages"
"""Where the packages lie that a program may import beside the standard library. Its tests never import them: an array
asks what it is compared with for the answer, and that may be the program's."""
MOST_FILES = 1 << 14
LOOK_EVERY_NS = 100_000_000
"""Nanoseconds between two looks, in which two cores make 40,000 files."""
TIMERS = {"x86_64": (222, 223), "aarch64": (107, 110)}
"""Numbers of timer_create and timer_settime. Python offers only the timer of SIGALRM, which tests may use."""
MONOTONIC, TO_PROCESS = 1, 0
"""CLOCK_MONOTONIC and SIGEV_SIGNAL, from linux/time.h and asm-generic/siginfo.h."""


def look_regularly(number: signal.Signals) -> None:
    """Let the kernel send a signal to this process again and again. Its children do not inherit that. Errors:
    OSError."""
    create, settime = TIMERS[os.uname().machine]
    libc, timer = ctypes.CDLL(None, use_errno=True), ctypes.c_int()
    event = struct.pack("qii48x", 0, number, TO_PROCESS)
    times = struct.pack("qqqq", 0, LOOK_EVERY_NS, 0, LOOK_EVERY_NS)
    if libc.syscall(create, MONOTONIC, event, ctypes.byref(timer)) or libc.syscall(settime, timer, 0, times, None):
        raise OSError(ctypes.get_errno(), "timer_create")


def end_who_keeps_too_many() -> None:
    """Kill every process but this one if there are more files than a program may keep."""
    found = map(os.statvfs, WRITABLE)
    if sum(one.f_files - one.f_ffree for one in found) > MOST_FILES:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
