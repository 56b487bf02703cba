"""Makers of logprobs."""

import numpy as np

from records.logprobs import TokenLogprobs, of_lists


def make_logprobs(n: int = 5, k: int = 3, vocabulary: str = "made", seed: int = 0) -> TokenLogprobs:
    draw = np.random.default_rng(seed)
    tops = np.sort(np.log(draw.dirichlet(np.ones(k + 1), n))[:, :k])[:, ::-1]
    ids = draw.permuted(np.tile(np.arange(300), (n, 1)), axis=1)[:, :k]
    return of_lists(vocabulary, draw.integers(0, 300, n), tops[:, 0], ids, tops)


def same(one: TokenLogprobs | None, other: TokenLogprobs | None) -> bool:
    """NaN equals itself."""
    return (one and one.to_text()) == (other and other.to_text())
