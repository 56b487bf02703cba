"""Measures how long a stage has been sampling, over all its interruptions."""

import re
import time
from pathlib import Path

from records.files import write_whole

KEEP_EVERY_S = 10.0
CLOCK, START = ".clock-", ".start-"
"""Begin the names of the files with a worker's time, and with how much of it engines took to start."""
NUMBER = re.compile(r"\d+\.\d{3}", re.ASCII)
"""Matches `41.250`."""


class Stopwatch:
    """Counts seconds of sampling and stores them in a file, so that a kill loses at most KEEP_EVERY_S."""

    def __init__(self, path: Path, before: float) -> None:
        """`before` holds the seconds of earlier attempts."""
        self.path, self.before = path, before
        self.started = self.kept = time.monotonic()

    def seconds(self) -> float:
        now = time.monotonic()
        if now - self.kept > KEEP_EVERY_S:
            self.keep()
        return self.before + now - self.started

    def keep(self) -> None:
        self.kept = time.monotonic()
        write_whole(self.path, f"{self.before + self.kept - self.started:.3f}")

    def add_start(self, seconds: float) -> None:
        """Add what starting an engine took, which is in the time as well: who asks for an engine's speed leaves out all
        starts, those of interrupted attempts included."""
        path = self.path.with_name(self.path.name.replace(CLOCK, START))
        write_whole(path, f"{(seconds_of(path) if path.exists() else 0.0) + seconds:.3f}")
        self.keep()


def stopwatch_file(folder: Path, worker: int) -> Path:
    return folder / f"{CLOCK}{worker}"


def seconds_in(folder: Path) -> float:
    """Return the longest of the workers' times, because they run in parallel."""
    return max(map(seconds_of, folder.glob(f"{CLOCK}*[0-9]")), default=0.0)


def start_seconds_in(folder: Path) -> float:
    """Return the sum of the workers' starts, over all attempts."""
    return sum(map(seconds_of, folder.glob(f"{START}*[0-9]")))


def seconds_of(path: Path) -> float:
    """Return a worker's time; 0 for a file that the loss of a machine left without content. It only counts time."""
    text = path.read_text(errors="replace").strip()
    return float(text) if NUMBER.fullmatch(text) else 0.0
