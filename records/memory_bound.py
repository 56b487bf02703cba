"""Bounds the memory of this process while a library reads what a stranger wrote: kilobytes may stand for gigabytes."""

import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def bounded_memory(growth_gib: int) -> Iterator[None]:
    """Let this process take at most `growth_gib` GiB more than it has, threads included. What goes beyond raises
    MemoryError, in numpy and Arrow too. A lower limit that is set already stays."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [limit for limit in (soft, held_bytes() + (growth_gib << 30)) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def held_bytes() -> int:
    """Return the bytes that RLIMIT_DATA counts: private memory that can be written, whether or not it was."""
    found = re.search(r"^VmData:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found, "every Linux since 2.6 has it"
    return int(found[1]) << 10
