"""Files that are there whole or not at all: a temporary name, fsync, rename."""

import json
import os
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


def write_json(path: Path, value: Any) -> None:
    """Write JSON (dataclass rows included) under a temporary name, fsync, rename."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False, default=plain, allow_nan=False) + "\n")
    sync(temporary)
    temporary.rename(path)


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no stable JSON form")


def sync(path: Path) -> None:
    """Flush a file's content to the disk, so that the rename after it cannot expose an empty file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
