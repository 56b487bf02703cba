"""Checks an artifact's files against the SHA-256 in its manifest.

A file is read whole once. Then a stamp of its size, times and inode stands for it, because hashing a model of 64 GB at
every start would take minutes; `full` reads everything again, which also finds what a disk changed by itself. Stamps
lie in the run directory, outside the artifact: a copied artifact is checked anew.
"""

import json
from contextlib import suppress
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import Any

from records.errors import InputError
from records.files import MANIFEST, read_regular, write_json
from records.hashing import files_under, sha256_of

STAMPS = ".verified"
"""Folder of the run directory with a file of stamps for each artifact."""
WEIGHTS = (".safetensors", ".bin")
LOADED = (*WEIGHTS, ".pt", ".pth", ".gguf", ".json", ".jinja", ".model", ".py", "merges.txt", "vocab.txt")
"""Endings of the files that libraries load from a model's folder by themselves. An `adapter_config.json` names another
base, and a `chat_template.jinja` replaces the tokenizer's template."""


def check_files(path: Path, files: dict[str, Any], *, full: bool = False, stamps: bool = True) -> None:
    """Check the files of the artifact at `path`, as its manifest lists them. Without `stamps` nothing is written, as
    beside another run's artifact.

    Errors: InputError for a file that is missing or was changed, and for an entry that is none.
    """
    for name, entry in files.items():
        check_entry(path, name, entry)
    known = {} if full else stamps_of(path)
    found = {}
    for name, entry in files.items():
        file = path / name
        stamp = stamp_of(file)
        changed = stamp is None or stamp[0] != entry["bytes"]
        if changed or (known.get(name) != stamp and sha256_of(file) != entry["sha256"]):
            raise InputError(f"{file}: changed since it was made; delete {path} to build it again")
        found[name] = stamp
    if stamps and found != known:
        keep(path, found)


def check_entry(path: Path, name: str, entry: Any) -> None:
    """Check what a manifest says of a file: a copied run may name `../../secret`. Errors: InputError."""
    described = isinstance(entry, dict) and type(entry.get("bytes")) is int and isinstance(entry.get("sha256"), str)
    within = PurePosixPath(name)
    if not described or not name or "\0" in name or within.is_absolute() or ".." in within.parts:
        raise InputError(f"{path / MANIFEST}: broken entry {name!r}; delete {path} to build it again")


def stamp_files(path: Path, files: dict[str, Any]) -> None:
    """Stamp files whose SHA-256 was just computed."""
    keep(path, {name: stamp_of(path / name) for name in files})


def stamp_of(file: Path) -> list[int] | None:
    """Return what changes when somebody writes to the file; None if it is not there, or has no end like a device."""
    try:
        stat = file.stat()
    except FileNotFoundError:
        return None
    if not S_ISREG(stat.st_mode):
        return None
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def stamps_file(path: Path) -> Path:
    return path.parent / STAMPS / f"{path.name}.json"


def stamps_of(path: Path) -> dict[str, Any]:
    """Return the stamps of an artifact; none if they are missing or broken, so that its files are read again."""
    try:
        stamps = json.loads(read_regular(stamps_file(path)))
    except (OSError, ValueError, RecursionError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def keep(path: Path, stamps: dict[str, Any]) -> None:
    folder = stamps_file(path).parent
    with suppress(OSError, InputError):  # read only, or another command writes it: files are read again next time
        folder.mkdir(exist_ok=True)
        if not folder.is_symlink():
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
        manifest = json.loads(read_regular(folder / MANIFEST))
    except (OSError, ValueError, RecursionError):
        return None
    is_ours = isinstance(manifest, dict) and {"fingerprint", "stage", "files"} <= manifest.keys()
    return set(manifest["files"]) if is_ours else None


def check_foreign(path: Path, files: dict[str, Any]) -> None:
    """Check that an artifact with a model holds nothing that libraries would load with it, but that its manifest does
    not list. Errors: InputError names the first."""
    if not any(name.endswith(WEIGHTS) for name in files):
        return
    for name in files_under(path):
        if name.endswith(LOADED) and name not in files:
            raise InputError(f"{path / name}: is no file of this artifact, and would be loaded with it; move it away")
