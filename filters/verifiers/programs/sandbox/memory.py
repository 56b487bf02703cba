"""Adds up the memory of all processes in a sandbox, from outside: limits of the kernel count one process at a time."""

from contextlib import suppress
from pathlib import Path

from records.process_tree import process_tree

PAGE_KIB = 4
SHARED_FAIRLY = "Pss:"
"""The proportional set size: a page that several processes share counts once in all."""


def held_mib(root: int) -> float:
    """Return the MiB held by a process and all below it. Processes that end meanwhile count as nothing."""
    total = 0
    for folder in process_tree(root):
        with suppress(FileNotFoundError, ProcessLookupError):
            total += held_kib(folder)
    return total / 1024


def held_kib(folder: Path) -> int:
    """Return the fair share of a process, or all its own pages where that may not be read: without root, of processes
    that cannot be traced."""
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except PermissionError:
        resident, shared = map(int, (folder / "statm").read_text().split()[1:3])
        return (resident - shared) * PAGE_KIB
    return next((int(line.split()[1]) for line in lines if line.startswith(SHARED_FAIRLY)), 0)
