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
"""Of larger files of a model the hash knows the size and a sample: hashing a model of 64 GB would take minutes."""
SAMPLE_BYTES, SAMPLED_EVERY = 4 << 10, 1 << 20
"""4 KiB of every MiB, and the last 4 KiB. Training changes nearly all numbers of a tensor, and a layer's matrices have
more than a MiB each; both ends alone stay the same where only matrices between them were trained, as by a merged LoRA
of the MLPs."""


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


def hash_path(path: Path, *, whole: bool = False) -> str:
    """Return 12 hex digits of the content of a file or directory; its location and dates do not count. `whole` reads
    every byte of a directory's files, as tables need, in which a single digit may be another, and which may have rows
    in a file named as our manifest is. Of a model's large files a sample is read."""
    return sha256_of(path)[:12] if path.is_file() else hash_files(path, files_under(path, manifests=whole), whole=whole)


def hash_files(path: Path, names: Iterable[str], *, whole: bool = False) -> str:
    """Return 12 hex digits of the content of a directory's files with these relative names."""
    contents = {}
    for name in names:
        file = path / name
        size = file.stat().st_size
        contents[name] = sha256_of(file) if whole or size <= WHOLE_HASH_BYTES else [size, hash_sample(file, size)]
    return fingerprint(contents)


def hash_sample(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        for place in (*range(0, size, SAMPLED_EVERY), size - SAMPLE_BYTES):
            digest.update(os.pread(file.fileno(), SAMPLE_BYTES, place))
    return digest.hexdigest()


def files_under(path: Path, *, manifests: bool = False) -> list[str]:
    """Return the sorted relative names of a directory's files, without manifests and hidden (unfinished) files.

    The scores that the Hugging Face hub reads from the hidden folder `.eval_results` do belong to them.
    """
    found = [file.relative_to(path) for file in path.rglob("*") if file.is_file()]
    return sorted(
        str(name) for name in found if (manifests or name.name != MANIFEST) and not any(map(unfinished, name.parts))
    )


def unfinished(part: str) -> bool:
    return part.startswith(".") and part != EVAL_RESULTS


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
