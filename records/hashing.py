"""What identifies a value, a problem, a request and a file: short hashes of their content."""

import hashlib
import json
import os
import unicodedata
from pathlib import Path
from typing import Any

from records.files import MANIFEST

WHOLE_HASH_BYTES = 16 << 20
"""Weights above this size enter a model's fingerprint by size, first and last MiB: a 64 GB model would take minutes."""


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


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
