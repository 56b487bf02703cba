"""Finds near-duplicates by MinHash (Broder 1997) and locality-sensitive hashing, from datasketch."""

from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configs.selection import NearDuplicates
from filters.rules.words import ngram_hashes, words_of

SHINGLE_WORDS = 5
"""Words in a shingle, as in Lee et al. (arXiv 2107.06499, appendix A). Shorter texts use shorter ones."""
Signature = NDArray[np.uint32]


def signature(text: str, permutations: int) -> Signature:
    """Return the MinHash of a text's word 5-grams: `permutations` values of 4 bytes. Linear in the length of the
    text."""
    from datasketch import MinHash  # slow, as it imports scipy

    words = words_of(text.casefold())
    ids = np.array([stable_hash(word) for word in words], dtype=np.uint64)
    shingles = np.unique(ngram_hashes(ids, max(1, min(SHINGLE_WORDS, len(words)))) >> np.uint64(32))
    minhash = MinHash(permutations, seed=1, hashfunc=int, scheme="affine32")
    for start in range(0, len(shingles), 4096):  # a batch allocates a table of batch x permutations
        minhash.update_batch(shingles[start : start + 4096])
    return np.asarray(minhash.hashvalues, dtype=np.uint32)


@lru_cache(maxsize=1 << 16)
def stable_hash(word: str) -> int:
    """Return a hash that is the same in every process, unlike `hash`: which trace stays must not depend on the
    process."""
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def similarity(one: Signature, other: Signature) -> float:
    """Return the estimated Jaccard similarity of two texts."""
    return float(np.mean(one == other))


def distinct(signed: Iterable[tuple[Hashable, Signature]], rule: NearDuplicates) -> Iterator[Hashable]:
    """Yield, in order, the keys whose texts are not near-duplicates of one already yielded. Each is compared only
    with the candidates of the hash."""
    from datasketch import MinHashLSH

    index = MinHashLSH(num_perm=rule.permutations, params=bands(rule.threshold, rule.permutations))
    kept: dict[Hashable, Signature] = {}
    for key, values in signed:
        sketch = as_minhash(values)
        if any(similarity(kept[other], values) >= rule.threshold for other in index.query(sketch)):
            continue
        index.insert(key, sketch)
        kept[key] = values
        yield key


def band_keys(values: Signature, rule: NearDuplicates) -> Iterator[bytes]:
    """Yield the keys under which `distinct` would find a signature: each band's number and values, hashed to 8 bytes.
    A collision costs a comparison, no more."""
    count, rows = bands(rule.threshold, rule.permutations)
    for band in range(count):
        yield blake2b(values[band * rows : (band + 1) * rows].tobytes(), digest_size=8, salt=bytes([band])).digest()


def as_minhash(values: Signature) -> Any:
    from datasketch import MinHash

    return MinHash(len(values), seed=1, hashvalues=values, scheme="affine32")


@lru_cache(maxsize=16)
def bands(threshold: float, permutations: int) -> tuple[int, int]:
    """Return (bands, rows) that find a pair at the threshold with probability 0.95 or more, with as many rows as that
    allows.

    Candidates are checked afterwards, so a miss is worse than a candidate too many.
    """
    shapes = [(permutations // rows, rows) for rows in range(1, permutations // 2 + 1)]
    found = [(count, rows) for count, rows in shapes if 1 - (1 - threshold**rows) ** count >= 0.95]
    return max(found, key=lambda shape: shape[1], default=shapes[0])
