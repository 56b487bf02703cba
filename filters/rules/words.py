"""Cuts texts into words, the unit of repetition, near-duplicates and contamination."""

import re

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[぀-ヿ㐀-鿿]|[^\W_]+|[^\w\s]|_")
"""A word is a run of letters and digits, a single mark, or a single Chinese or Japanese character, as those scripts
write no spaces."""
MULTIPLIER, SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
"""Odd 64-bit constants of the rolling hash (Weyl and multiply-shift mixing); arithmetic wraps around."""


def words_of(text: str) -> list[str]:
    return WORD.findall(text)


def ngram_hashes(ids: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """Return a 64-bit hash of the n-gram at every position: len(ids) - n + 1 of them, or none."""
    count = max(0, len(ids) - n + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(n):
        hashes = hashes * MULTIPLIER + (ids[offset : offset + count] + np.uint64(1)) * SPREAD
    return hashes ^ (hashes >> np.uint64(29))
