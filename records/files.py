"""Atomic writes: a file is written under a temporary name, synced and renamed, so it is there whole or not at all.

Nothing that is written goes through a link: in a run that was copied, or that others may write to, what the link leads
to would be overwritten.
"""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from records.errors import InputError

MANIFEST = "manifest.json"
EVAL_RESULTS = ".eval_results"
"""Folder of a published model from which the Hugging Face hub reads scores (huggingface.co/docs/hub/eval-results)."""
WORK = ".work"
"""Folder in an artifact for what an interrupted build continues from; removed once the manifest is there."""
CURVES = "curves.json"
ADAPTER_CONFIG = "adapter_config.json"
"""What peft names the settings of an adapter; a folder that holds it is loaded as one."""
"""What test-time compute is worth, a list of `eval.scaling.curve.Curve`."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the path of a new file to write to, and name it `path` when the block ends.

    After an error the file is removed: an unfinished one would only keep a full disk full. A killed process leaves it
    under its temporary name, and the next call removes it. The path that is yielded leads to the open file whatever
    that name stands for meanwhile. Errors: InputError if it stands for another file in the end: somebody else has
    written to the same place.
    """
    temporary = temporary_of(path)
    temporary.unlink(missing_ok=True)
    descriptor = never_a_link(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        yield Path(f"/proc/self/fd/{descriptor}")
        os.fsync(descriptor)
        check_same(temporary, descriptor, path)
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def check_same(temporary: Path, descriptor: int, path: Path) -> None:
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(descriptor), temporary.lstat()):
            return
    raise InputError(f"{path}: another process writes it as well; wait for it, then run the same command again")


def never_a_link(path: Path | str, flags: int) -> int:
    """Open a file as `os.open` does, and return its descriptor. It serves as the `opener` of `open`. Errors: InputError
    for a link."""
    try:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise link_error(Path(path)) from None


def read_regular(path: Path) -> str:
    """Read a text file of a run that may be a stranger's: a pipe would be waited for, and a device has no end. Errors:
    OSError, ValueError."""
    if path.exists() and not path.is_file():
        raise ValueError("no regular file")
    return path.read_text(encoding="utf-8")


def link_error(path: Path) -> InputError:
    """Return the error for a link where a run would write."""
    return InputError(f"{path}: is a link, and the run would write to {os.path.realpath(path)}; remove it")


def temporary_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def discard(path: Path) -> None:
    """Remove a file that may be missing, and the temporary file that a killed writer left of it."""
    path.unlink(missing_ok=True)
    temporary_of(path).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Flush a file's content to the disk, for what a library has written and named itself."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file's whole content, text as UTF-8."""
    with whole_file(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def write_json(path: Path, value: Any) -> None:
    """Write JSON, with dataclasses as objects. Errors: TypeError or ValueError for a value without a stable form."""
    write_whole(path, json.dumps(value, indent=2, ensure_ascii=False, default=plain, allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no stable JSON form")
