"""Atomic writes: a file is written under a temporary name, synced and renamed, so it is there whole or not at all."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
EVAL_RESULTS = ".eval_results"
"""Folder of a published model from which the Hugging Face hub reads scores (huggingface.co/docs/hub/eval-results)."""
WORK = ".work"
"""Folder in an artifact for what an interrupted build continues from; removed once the manifest is there."""
CURVES = "curves.json"
"""What test-time compute is worth, a list of `eval.scaling.curve.Curve`."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, and rename it to `path` when the block ends.

    After an error the temporary file is removed: an unfinished file would only keep a full disk full. A killed process
    leaves the temporary file, which the next call removes: in a run that was copied, or that others may write to, it
    may be a link, and what it leads to would be overwritten.
    """
    temporary = temporary_of(path)
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        sync(temporary)
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def temporary_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def discard(path: Path) -> None:
    """Remove a file that may be missing, and the temporary file that a killed writer left of it."""
    path.unlink(missing_ok=True)
    temporary_of(path).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Flush a file's content to the disk, so that the rename after it cannot expose an empty file."""
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
