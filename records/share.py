"""File locks for workers that fill one artifact together: a free worker takes the next part that nobody has taken."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from records.errors import InputError
from records.files import write_whole


@dataclass(frozen=True, slots=True)
class WorkerSlot:
    """The position of one worker among a stage's workers. Made by the flow; read by stages with several workers."""

    index: int = 0
    workers: int = 1
    launch: str = ""
    """An id shared by the workers that were started together; empty for a single worker."""


class Claims:
    """The parts of an artifact that this process has taken.

    A claim is a file lock. It ends with its process, even a killed one, and the part is then free for another worker.
    Workers on several machines need a file system whose locks hold across machines (NFS 4, Lustre mounted with
    `flock`, …).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.locks: dict[str, FileLock] = {}

    def take(self, part: str) -> bool:
        """Take a part; return False if another process has it."""
        lock = FileLock(self.folder / f".{part}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        self.locks[part] = lock
        return True

    def take_missing(self, file: Path) -> bool:
        """Take the part that will become `file`; return False if the file exists or another process has the part."""
        if file.exists() or not self.take(file.name):
            return False
        if file.exists():  # another worker has finished it in between
            self.release(file.name)
            return False
        return True

    def release(self, part: str) -> None:
        self.locks.pop(part).release()


def check_parts(folder: Path, pattern: str, parts: Iterable[Path]) -> None:
    """Check that an unfinished artifact holds no other files with names like those of its parts: a copy that a
    synchronized folder keeps, `traces-00000 (conflicted copy).parquet`, would be read as one. Errors: InputError."""
    if strange := sorted(set(folder.glob(pattern)) - {*parts}):
        raise InputError(f"{strange[0]}: is none of this stage's files, and would be read as one; move it away")


def first_of(folder: Path, name: str, slot: WorkerSlot, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the JSON-able result of `work`, which the first worker of a launch runs while the others wait for it."""
    done = folder / f".{name}.json"
    with FileLock(folder / f".{name}.lock"):
        found = told_by(done)
        if slot.launch and found.get("launch") == slot.launch:
            return dict(found["result"])
        result = work()
        write_whole(done, json.dumps({"launch": slot.launch, "result": result}))
        return result


def told_by(done: Path) -> dict[str, Any]:
    """Return what the first worker of some launch wrote; nothing if none did, or the loss of a machine emptied it."""
    try:
        found = json.loads(done.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
