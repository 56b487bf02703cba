"""Checks an artifact's files against the SHA-256 in its manifest.

A file is read whole once. Then a stamp of its size, times and inode stands for it, because hashing a model of 64 GB at
every start would take minutes; `full` reads everything again, which also finds what a disk changed by itself. Stamps
lie in the run directory, outside the artifact: a copied artifact is checked anew.
"""

import json
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.files import MANIFEST, write_json
from records.hashing import sha256_of

STAMPS = ".verified"
"""Folder of the run directory with a file of stamps for each artifact."""


def check_files(path: Path, files: dict[str, Any], *, full: bool = False) -> None:
    """Check the files of the artifact at `path`, as its manifest lists them.

    Errors: InputError for a file that is missing or was changed.
    """
    known = {} if full else stamps_of(path)
    found = {}
    for name, entry in files.items():
        file = path / name
        stamp = stamp_of(file)
        changed = stamp is None or stamp[0] != entry["bytes"]
        if changed or (known.get(name) != stamp and sha256_of(file) != entry["sha256"]):
            raise InputError(f"{file}: changed since it was made; delete {path} to build it again")
        found[name] = stamp
    if found != known:
        keep(path, found)


def stamp_files(path: Path, files: dict[str, Any]) -> None:
    """Stamp files whose SHA-256 was just computed."""
    keep(path, {name: stamp_of(path / name) for name in files})


def stamp_of(file: Path) -> list[int] | None:
    """Return what changes when somebody writes to the file; None if it is not there."""
    try:
        stat = file.stat()
    except FileNotFoundError:
        return None
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def stamps_file(path: Path) -> Path:
    return path.parent / STAMPS / f"{path.name}.json"


def stamps_of(path: Path) -> dict[str, Any]:
    """Return the stamps of an artifact; none if they are missing or broken, so that its files are read again."""
    try:
        stamps = json.loads(stamps_file(path).read_text())
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def keep(path: Path, stamps: dict[str, Any]) -> None:
    with suppress(OSError):  # a run directory that is read only: its files are read again next time
        stamps_file(path).parent.mkdir(exist_ok=True)
        write_json(stamps_file(path), stamps)


def listed_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder whose name matches, in the order of their names. In a complete artifact, or the
    folder `data` of one, only those in its manifest: a file that somebody put there is none of its files."""
    found = sorted(folder.glob(pattern))
    for top in (folder, folder.parent):
        listed = files_in_manifest(top)
        if listed is not None:
            return [file for file in found if str(file.relative_to(top)) in listed]
    return found


def files_in_manifest(folder: Path) -> set[str] | None:
    """Return the names that a complete artifact lists; None for any other folder."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    is_ours = isinstance(manifest, dict) and {"fingerprint", "stage", "files"} <= manifest.keys()
    return set(manifest["files"]) if is_ours else None


def check_weights(folder: Path, patterns: tuple[str, ...] = ("*.safetensors", "*.bin")) -> None:
    """Check that a complete artifact with a model holds no weights that its manifest does not list: libraries load
    whatever lies there. Errors: InputError names the first."""
    listed = files_in_manifest(folder)
    for file in sorted(folder.iterdir()) if listed is not None and folder.is_dir() else ():
        if any(fnmatch(file.name, pattern) for pattern in patterns) and file.name not in (listed or ()):
            raise InputError(f"{file}: is no file of this artifact, and would be loaded with it; move it away")
