"""Lets one process at a time write a file, and finds out before the work whether it can be written at all."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from records.errors import InputError
from records.files import temporary_of

PATIENCE_S = 2.0
"""Seconds to wait for a lock: processes that a killed one has just started may hold it for a moment longer."""


@contextmanager
def sole_writer(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, and rename it to `path` when the block ends, as `records.files.whole_file`
    does; meanwhile no other process can do the same. The lock lies on the temporary file, so that nothing is left and a
    killed process holds nothing.

    Errors: InputError if `path` is a folder, cannot be written, or is being written.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    temporary = temporary_of(path)
    descriptor = locked(temporary, path)
    try:
        yield temporary
        os.fsync(descriptor)
        temporary.rename(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    finally:
        os.close(descriptor)


def locked(temporary: Path, path: Path) -> int:
    """Open the temporary file, empty and locked, and return its descriptor. Errors: InputError."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            raise InputError(f"{path}: another process is writing it; wait for it, or name another file") from None
        with suppress(FileNotFoundError):
            if os.fstat(descriptor).st_ino == temporary.stat().st_ino:
                os.ftruncate(descriptor, 0)
                return descriptor
        os.close(descriptor)  # whoever held the lock has renamed the file meanwhile
