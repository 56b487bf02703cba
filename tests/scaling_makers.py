"""Makers of samples from arrays, with their scores, and of searches beside plain draws."""

import numpy as np

from eval.metrics.samples import Samples, sorted_samples
from eval.scaling.scored import ScoredSamples


def table(
    verdicts: np.ndarray,
    tokens: np.ndarray | None = None,
    answers: np.ndarray | None = None,
    scores: np.ndarray | None = None,
    names: list[str] | None = None,
) -> Samples:
    """Samples from arrays [problems, n]; an answer is a number, -1 for none."""
    n_problems, n = verdicts.shape
    samples, _ = sorted_samples(
        names or [f"p{at}" for at in range(n_problems)],
        np.repeat(np.arange(n_problems, dtype=np.int32), n),
        np.tile(np.arange(n), n_problems),
        verdicts=verdicts.astype(np.int8).ravel(),
        tokens=None if tokens is None else np.broadcast_to(tokens, verdicts.shape).astype(float).ravel(),
        answers=None if answers is None else answers.astype(np.int32).ravel(),
        spellings=[str(at) for at in range(10)],
        scores=None if scores is None else scores.astype(float).ravel(),
    )
    return samples


def scored(samples: Samples, lowest: np.ndarray | None = None) -> ScoredSamples:
    nothing = np.full(len(samples.verdicts), np.nan)
    return ScoredSamples(samples, nothing if lowest is None else lowest.astype(float).ravel(), tokens=321.4)


N, DRAWN = 120, 16


def made(rate_easy: float, rate_hard: float, seed: int, n: int = DRAWN) -> np.ndarray:
    rates = np.where(np.arange(N) < N // 2, rate_easy, rate_hard)[:, None]
    return (np.random.default_rng(seed).random((N, n)) < rates).astype(int)


def plain(right: np.ndarray, score_tells: bool = False) -> ScoredSamples:
    """Draws of 10 tokens; wrong answers are all different."""
    rng = np.random.default_rng(9)
    answers = np.where(right == 1, 0, rng.integers(1, 10, right.shape))
    scores = right + 0.1 * rng.random(right.shape) if score_tells else rng.random(right.shape)
    return scored(table(right, np.full(right.shape, 10), answers, scores))


def search(right: np.ndarray, tokens: int = 40) -> Samples:
    return table(right[:, :1], np.full((N, 1), tokens))
