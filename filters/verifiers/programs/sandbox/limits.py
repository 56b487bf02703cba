"""Limits of a program under test."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one program: for all its tests together (asserts), or for each test (stdin/stdout)."""

    cpu_s: int = 10
    """CPU seconds per process; whole seconds, as RLIMIT_CPU counts them."""
    memory_mib: int = 1024
    """MiB of address space per process."""
    total_memory_mib: int = 3072
    """MiB of memory of all processes together, the harness's included."""
    wall_s: float | None = None
    """Seconds of wall time; None means ten times the CPU limit and 10 s more. A program that reaches it fails if it was
    idle; otherwise the machine was too busy, and the outcome is unknown."""
    whole_s: float = 600
    """Seconds of wall time for all tests of a program together. A program that reaches it
    fails if it was idle, and is unknown otherwise."""
    processes: int = 24
    """Number of processes and threads together."""
    file_mib: int = 16
    """MiB of one file, standard output included, and of one message."""
    tmp_mib: int = 64
    """MiB of /tmp, all files together."""
    packages: tuple[str, ...] = ()
    """Packages that the program may import beside the standard library, as they are installed."""

    @property
    def deadline_s(self) -> float:
        return 10 * self.cpu_s + 10 if self.wall_s is None else self.wall_s
