"""Refuses the system calls that reach past a sandbox's namespaces and limits, by a seccomp filter (Linux's
Documentation/userspace-api/seccomp_filter.rst). Only the standard library, as the sandbox needs it.

Namespaces do not cover the kernel's keyrings nor vsock sockets, and no limit of a process counts System V shared
memory that is attached, filled and detached, a memory file that nothing maps, or what lies in TCP's buffers. In a user
namespace of its own a program would have all rights, which give it further ways to the kernel's memory, such as mounts.
"""

import ctypes
import errno
import os
import signal
import struct
from functools import cache

SET_SECCOMP, FILTER = 22, 2
"""prctl's option and mode, from linux/prctl.h and linux/seccomp.h."""
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
"""What a filter returns; an error number is added to REFUSE."""
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT, SECOND_ARGUMENT_AT, THIRD_ARGUMENT_AT = 0, 4, 16, 24, 32
"""Offsets in struct seccomp_data; of an argument the lower half, on a little-endian machine."""
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of classic BPF: load a word, jump if equal, if greater or equal, if a bit is common, return."""
X32 = 0x40000000
"""First number of x86-64's second table of system calls, which would be a way around the first."""
UNIX = 1
"""The address family of sockets between processes, the only one that a program finds: it has no network anyway."""
NAMESPACES = 0x7E020000
"""The flags CLONE_NEW… of clone, from linux/sched.h."""

SOL_SOCKET = 1
BUFFER_SIZES = (7, 8, 32, 33)
"""SO_SNDBUF, SO_RCVBUF and their FORCE forms: what lies in a socket's buffer is memory of no process, and a host may
allow megabytes for each. Without them a buffer holds 208 KiB."""

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_… from linux/audit.h."""
CALLS: dict[str, dict[str, int]] = {
    "x86_64": {
        **{"add_key": 248, "request_key": 249, "keyctl": 250},
        **{"shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "msgget": 68},
        **{"io_uring_setup": 425, "memfd_create": 319, "memfd_secret": 447, "socket": 41, "prlimit64": 302},
        **{"setsockopt": 54, "setpriority": 141, "ioprio_set": 251},
        **{"sched_setparam": 142, "sched_setscheduler": 144, "sched_setaffinity": 203, "sched_setattr": 314},
        **{"rt_sigaction": 13, "unshare": 272, "setns": 308, "clone": 56, "clone3": 435},
        **{"bpf": 321, "perf_event_open": 298, "userfaultfd": 323},
    },
    "aarch64": {
        **{"add_key": 217, "request_key": 218, "keyctl": 219},
        **{"shmget": 194, "shmctl": 195, "shmat": 196, "semget": 190, "msgget": 186},
        **{"io_uring_setup": 425, "memfd_create": 279, "memfd_secret": 447, "socket": 198, "prlimit64": 261},
        **{"setsockopt": 208, "setpriority": 140, "ioprio_set": 30},
        **{"sched_setparam": 118, "sched_setscheduler": 119, "sched_setaffinity": 122, "sched_setattr": 274},
        **{"rt_sigaction": 134, "unshare": 97, "setns": 268, "clone": 220, "clone3": 435},
        **{"bpf": 280, "perf_event_open": 241, "userfaultfd": 282},
    },
}
"""Numbers of system calls, from the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h).
io_uring opens sockets without calling `socket`."""
REFUSED = (
    *("add_key", "request_key", "keyctl", "shmget", "shmat", "shmctl", "semget", "msgget", "io_uring_setup"),
    *("unshare", "setns", "bpf", "perf_event_open", "userfaultfd"),
)
"""Refused to everything in a sandbox."""
REFUSED_TO_PROGRAMS = (
    *("memfd_create", "memfd_secret", "setpriority", "ioprio_set"),
    *("sched_setparam", "sched_setscheduler", "sched_setattr"),
)
"""Refused to the program as well. The harness makes memory files for a program's output, which are bounded; priorities
can be set for a user's processes, of which the harness is one; and a program of class SCHED_IDLE gets nothing of a busy
processor, so that it would be undecided at will."""
OF_ITSELF = ("prlimit64", "sched_setaffinity")
"""Allowed for the calling process only, which is named 0: limits of the harness would end it, and without a share of
the processors it would never answer, and either way there would be no verdict."""


def refuse_calls(program: bool) -> None:
    """Refuse them to this process and all that it will start, for good; `program` adds those that only the harness may
    make. It must have renounced new privileges. Errors: OSError."""
    libc, header, _ = prepared(program)
    if libc.prctl(SET_SECCOMP, FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")


@cache
def prepared(program: bool) -> tuple[ctypes.CDLL, ctypes.Array[ctypes.c_char], ctypes.Array[ctypes.c_char]]:
    """Return libc, a filter's header and the filter that it points to. The harness makes them before it forks, so that
    its children, one for each test by stdin, find them made. Errors: OSError."""
    machine = os.uname().machine
    if machine not in CALLS:
        raise OSError(errno.ENOSYS, f"no seccomp filter for {machine}, only for {', '.join(CALLS)}")
    code = instructions(machine, REFUSED + (REFUSED_TO_PROGRAMS if program else ()))
    buffer = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))
    return ctypes.CDLL(None, use_errno=True), header, buffer


def instructions(machine: str, refused: tuple[str, ...]) -> bytes:
    """Return the filter: eight bytes for each instruction."""
    calls = CALLS[machine]
    lines = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, REFUSE | errno.ENOSYS),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, REFUSE | errno.ENOSYS),
    ]
    for name in refused:
        lines += [(EQUAL, 0, 1, calls[name]), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    for name in OF_ITSELF:
        lines += [(EQUAL, 0, 4, calls[name]), (LOAD, 0, 0, FIRST_ARGUMENT_AT)]
        lines += [(EQUAL, 1, 0, 0), (RETURN, 0, 0, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    # Nobody is told the processor time of children whose parent ignores SIGCHLD. Who only asks passes no handler.
    lines += [(EQUAL, 0, 8, calls["rt_sigaction"]), (LOAD, 0, 0, FIRST_ARGUMENT_AT), (EQUAL, 0, 5, signal.SIGCHLD)]
    lines += [
        (LOAD, 0, 0, SECOND_ARGUMENT_AT),
        (EQUAL, 0, 2, 0),
        (LOAD, 0, 0, SECOND_ARGUMENT_AT + 4),
        (EQUAL, 1, 0, 0),
    ]
    lines += [(RETURN, 0, 0, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    # Where clone3 is missing the C library takes clone, whose flags can be seen here.
    lines += [(EQUAL, 0, 1, calls["clone3"]), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
    lines += [(EQUAL, 0, 4, calls["clone"]), (LOAD, 0, 0, FIRST_ARGUMENT_AT)]
    lines += [(ANY_BIT, 0, 1, NAMESPACES), (RETURN, 0, 0, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    lines += [(EQUAL, 0, 9, calls["setsockopt"]), (LOAD, 0, 0, SECOND_ARGUMENT_AT)]
    lines += [(EQUAL, 0, 5, SOL_SOCKET), (LOAD, 0, 0, THIRD_ARGUMENT_AT)]
    lines += [(EQUAL, 4 - at, 0, option) for at, option in enumerate(BUFFER_SIZES)]
    lines += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    lines += [(EQUAL, 0, 3, calls["socket"]), (LOAD, 0, 0, FIRST_ARGUMENT_AT)]
    lines += [(EQUAL, 1, 0, UNIX), (RETURN, 0, 0, REFUSE | errno.EAFNOSUPPORT)]
    lines.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("HBBI", *line) for line in lines)
