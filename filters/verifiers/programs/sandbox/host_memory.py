"""Tells whether the machine ran short of memory while a program ran: then it may have been killed for that."""

from pathlib import Path

COUNTERS, AMOUNTS = Path("/proc/vmstat"), Path("/proc/meminfo")
KILLS = "oom_kill"
"""How many processes the kernel has killed for want of memory, in the machine and in any control group of it."""
LOW_SHARE = 0.1
"""Share of the machine's memory that daemons such as earlyoom leave: below it they kill without the kernel counting."""


def oom_kills() -> int | None:
    """Return the kernel's count; None where it may not be read."""
    return number_in(COUNTERS, KILLS)


def may_have_killed(before: int | None) -> bool:
    """Return True unless it is sure that nothing was killed for want of memory since the count was `before`."""
    total, available = number_in(AMOUNTS, "MemTotal:"), number_in(AMOUNTS, "MemAvailable:")
    if before is None or total is None or available is None:
        return True
    return oom_kills() != before or available < LOW_SHARE * total


def number_in(file: Path, name: str) -> int | None:
    try:
        lines = map(str.split, file.read_text().splitlines())
    except OSError:
        return None
    return next((int(words[1]) for words in lines if words[0] == name), None)
