"""Counts rows that are alike among any number, in memory that does not grow with them."""

import hashlib
import tempfile

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1 << 22
"""Digests in memory at a time: 32 MiB; to compare them takes up to four times as much."""


def digest_of(ids: list[int]) -> int:
    """Return 64 bits: among a million different rows the chance that two agree is below one in ten million."""
    return int.from_bytes(hashlib.blake2b(np.array(ids, np.uint32).tobytes(), digest_size=8).digest(), "little")


class Digests:
    """Digests of rows in a temporary file, 8 bytes a row. Errors: OSError if the disk is full."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        self.count = 0

    def add(self, digests: NDArray[np.uint64]) -> None:
        self.file.write(digests.tobytes())
        self.count += digests.size

    def duplicates(self, at_once: int = AT_ONCE) -> int:
        """Return the number of digests that an earlier one equals. The file is read once for every `at_once` digests in
        it: each time those of one range of values are compared, which a hash spreads evenly."""
        ranges = -(-self.count // at_once)
        return sum(self.duplicates_between(number, ranges, at_once) for number in range(ranges))

    def duplicates_between(self, number: int, ranges: int, at_once: int) -> int:
        self.file.seek(0)
        width = (1 << 64) // ranges + 1
        found = []
        while read := self.file.read(8 * at_once):
            digests = np.frombuffer(read, np.uint64)
            found.append(digests[digests // np.uint64(width) == number] if ranges > 1 else digests)
        alike = np.concatenate(found)
        return int(alike.size - np.unique(alike).size)

    def close(self) -> None:
        self.file.close()
