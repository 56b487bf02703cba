"""How several workers fill one artifact together: parts of it are taken by whoever is free, and each part once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from records.files import write_whole


@dataclass(frozen=True, slots=True)
class WorkerSlot:
    """Which of a stage's workers this one is. Made by the flow; read by stages that several workers can fill."""

    index: int = 0
    workers: int = 1
    launch: str = ""
    """The same for all workers that were started together; empty for one that is alone."""


class Claims:
    """The parts of an artifact that this process has taken.

    A claim is a file lock: it ends with its process, however that ends, and the part is free for another. Workers on
    several machines need a file system that locks across them (NFS 4, Lustre mounted with `flock`, …).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.locks: dict[str, FileLock] = {}

    def take(self, part: str) -> bool:
        """False if another process has it."""
        lock = FileLock(self.folder / f".{part}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        self.locks[part] = lock
        return True

    def take_missing(self, file: Path) -> bool:
        """Take the part that is to become a file. False if it is there already, or somebody else's."""
        if file.exists() or not self.take(file.name):
            return False
        if file.exists():  # finished in between
            self.release(file.name)
            return False
        return True

    def release(self, part: str) -> None:
        self.locks.pop(part).release()


def first_of(folder: Path, name: str, slot: WorkerSlot, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` returns, JSON-able. The first worker of a launch does it, and the others wait for it."""
    done = folder / f".{name}.json"
    with FileLock(folder / f".{name}.lock"):
        if slot.launch and done.exists():
            found = json.loads(done.read_text())
            if found["launch"] == slot.launch:
                return dict(found["result"])
        result = work()
        write_whole(done, json.dumps({"launch": slot.launch, "result": result}))
        return result
