"""Files that are there whole or not at all: a temporary name, fsync, rename."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the temporary name under which `path` is to be written, and its own name to what was written there.

    After an error nothing is left behind: what was begun would only keep a full disk full. A kill leaves the temporary
    file, which the next call writes over.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        yield temporary
        sync(temporary)
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Flush a file's content to the disk, so that the rename after it cannot expose an empty file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file's whole content, text as UTF-8."""
    with whole_file(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def write_json(path: Path, value: Any) -> None:
    """Write JSON, dataclasses as objects. Errors: TypeError and ValueError for what has no stable JSON form."""
    write_whole(path, json.dumps(value, indent=2, ensure_ascii=False, default=plain, allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no stable JSON form")
