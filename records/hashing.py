"""Short content hashes that identify values, problems, requests and files."""

import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from records.files import EVAL_RESULTS, MANIFEST

WHOLE_HASH_BYTES = 16 << 20
"""Larger files enter a model's hash by size, first and last MiB: hashing a whole 64 GB model would take minutes."""


def fingerprint(value: Any) -> str:
    """Return 12 hex digits of the SHA-256 of the value's sorted JSON.

    Errors: TypeError or ValueError for a value without a stable JSON form.
    """
    return hashlib.sha256(stable_json(value).encode()).hexdigest()[:12]


def stable_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def problem_id(prompt: str) -> str:
    """Return 16 hex digits of the prompt's hash. Prompts that differ only in case, character width (NFKC) or white
    space are the same problem."""
    folded = " ".join(unicodedata.normalize("NFKC", prompt).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def request_seed(seed: int, problem: str, sample_index: int) -> int:
    """Derive a 31-bit seed from the run's seed and the request's key, so that a draw does not depend on other draws."""
    return int(hashlib.sha256(f"{seed}:{problem}:{sample_index}".encode()).hexdigest()[:8], 16) >> 1


def hash_path(path: Path) -> str:
    """Return 12 hex digits of the content of a file or model directory; its location and dates do not count."""
    return sha256_of(path)[:12] if path.is_file() else hash_files(path, files_under(path))


def hash_files(path: Path, names: Iterable[str]) -> str:
    """Return 12 hex digits of the content of a directory's files with these relative names."""
    contents = {}
    for name in names:
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
    """Return the sorted relative names of a directory's files, without the manifest and hidden (unfinished) files.

    The scores that the Hugging Face hub reads from the hidden folder `.eval_results` do belong to them.
    """
    found = [file.relative_to(path) for file in path.rglob("*") if file.is_file()]
    return sorted(str(name) for name in found if name.name != MANIFEST and not any(map(unfinished, name.parts)))


def unfinished(part: str) -> bool:
    return part.startswith(".") and part != EVAL_RESULTS


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
