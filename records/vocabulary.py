"""The identity of a vocabulary: token ids mean the same to two models only if their vocabularies are equal."""

import hashlib
from typing import Any


def vocabulary_hash(tokenizer: Any) -> str:
    """Return 16 hex digits of the hash of a tokenizer's vocabulary, the pairs of id and token, added tokens included.

    The tokenizer is one of transformers', passed in by the caller. Sizes do not tell vocabularies apart: both models of
    the embedded pair say 400, and 260 of their tokens are the same. Embeddings without a token do not count.
    """
    digest = hashlib.sha256()
    for token, number in sorted(tokenizer.get_vocab().items(), key=lambda pair: (pair[1], pair[0])):
        digest.update(f"{number} {len(token)} {token}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]
