"""Puts the samples of several benchmarks together, to compare two models over all of their problems."""

from collections.abc import Sequence

import numpy as np

from eval.metrics.samples import Samples, sorted_samples


def pooled(parts: Sequence[Samples]) -> Samples:
    """Return the verdicts and tokens of all parts. Every problem counts once, whichever benchmarks hold it: its samples
    in several of them are samples of one problem, the unit of all intervals."""
    places: dict[str, int] = {}
    for part in parts:
        for name in part.problems:
            places.setdefault(name, len(places))
    owners = [np.array([places[name] for name in part.problems], dtype=np.int32)[part.owners] for part in parts]
    tokens = [part.tokens for part in parts if part.tokens is not None]
    problem = np.concatenate(owners)
    samples, _ = sorted_samples(
        list(places),
        problem,
        np.arange(len(problem), dtype=np.int64),
        verdicts=np.concatenate([part.verdicts for part in parts]),
        tokens=np.concatenate(tokens) if len(tokens) == len(parts) else None,
    )
    return samples
