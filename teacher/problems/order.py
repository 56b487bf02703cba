"""A seeded order of problems that mixes their sources, so that sampling may stop anywhere and leave the mix of the
whole.

Problems are ordered by a hash of the seed and their id, so their order depends neither on the order of files and rows
nor on which other problems there are. Texts wait on disk meanwhile: only one bucket of them is in memory at a time."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from records.rows import Problem

BUCKETS = 256
"""Temporary files, by the first byte of the hash: ten million problems of 2 kB make buckets of 80 MB."""


def order_key(seed: int, problem: str) -> bytes:
    """Where a problem of this id comes: uniform, and independent of its source and difficulty."""
    return hashlib.sha256(f"{seed}:{problem}".encode()).digest()


def in_seeded_order(problems: Iterable[Problem], seed: int, folder: Path) -> Iterator[Problem]:
    """The same problems by `order_key`. All of them are read before the first is returned; `folder` has room for their
    texts, in files without a name, which end with the process."""
    with ExitStack() as stack:
        buckets = [stack.enter_context(tempfile.TemporaryFile("w+", dir=folder)) for _ in range(BUCKETS)]
        for problem in problems:
            row = [getattr(problem, name) for name in Problem.__slots__]
            buckets[order_key(seed, problem.id)[0]].write(json.dumps(row) + "\n")  # ASCII: lone surrogates pass
        for bucket in buckets:
            bucket.seek(0)
            yield from sorted((Problem(*json.loads(line)) for line in bucket), key=lambda it: order_key(seed, it.id))
            bucket.truncate(0)
