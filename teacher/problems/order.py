"""A seeded order of problems that mixes their sources, so that sampling may stop anywhere with all sources represented.

Problems are ordered by a hash of the seed and their id, so their order depends neither on the order of files and rows
nor on the other problems. Their texts are sorted on disk: only one bucket of them is in memory at a time."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from records.rows import Problem

BUCKETS = 256
"""Number of temporary files, one per first byte of the hash: ten million problems of 2 kB make buckets of 80 MB."""


def order_key(seed: int, problem: str) -> bytes:
    """Return the sort key of a problem id: uniformly distributed, independent of source and difficulty."""
    return hashlib.sha256(f"{seed}:{problem}".encode()).digest()


def in_seeded_order(problems: Iterable[Problem], seed: int, folder: Path) -> Iterator[Problem]:
    """Yield the problems sorted by `order_key`. All of them are read before the first is yielded; meanwhile their texts
    lie in unnamed temporary files in `folder`, which vanish with the process."""
    with ExitStack() as stack:
        buckets = [stack.enter_context(tempfile.TemporaryFile("w+", dir=folder)) for _ in range(BUCKETS)]
        for problem in problems:
            row = [getattr(problem, name) for name in Problem.__slots__]
            buckets[order_key(seed, problem.id)[0]].write(json.dumps(row) + "\n")  # ASCII allows lone surrogates
        for bucket in buckets:
            bucket.seek(0)
            yield from sorted((Problem(*json.loads(line)) for line in bucket), key=lambda it: order_key(seed, it.id))
            bucket.truncate(0)
