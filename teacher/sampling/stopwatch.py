"""How long a stage has been sampling, over all its interruptions."""

import time
from pathlib import Path

from records.files import write_whole

KEEP_EVERY_S = 10.0


class Stopwatch:
    """Seconds of sampling, kept in a file: a kill costs the last KEEP_EVERY_S."""

    def __init__(self, path: Path, before: float) -> None:
        """`before` are the seconds of earlier runs."""
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


def stopwatch_file(folder: Path, worker: int) -> Path:
    return folder / f".clock-{worker}"


def seconds_in(folder: Path) -> float:
    """The longest of the workers' times: they run in parallel."""
    return max((float(path.read_text()) for path in folder.glob(".clock-*[0-9]")), default=0.0)
