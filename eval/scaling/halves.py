"""Splits every problem's samples into two halves, so that nothing is chosen by the samples it is measured on."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eval.metrics.samples import Samples


def halves(samples: Samples) -> tuple[Samples, Samples]:
    """Return every problem's samples at even places, and those at odd ones. A problem needs two samples or more."""
    place = np.arange(len(samples.verdicts)) - samples.starts[:-1][samples.owners]
    return keep(samples, place % 2 == 0), keep(samples, place % 2 == 1)


def keep(samples: Samples, kept: NDArray[np.bool_]) -> Samples:
    """Return some of the samples, at least one of each problem."""
    return replace(
        samples,
        starts=np.concatenate([[0], np.cumsum(samples.sums(kept).astype(np.int64))]),
        verdicts=samples.verdicts[kept],
        answers=None if samples.answers is None else samples.answers[kept],
        scores=None if samples.scores is None else samples.scores[kept],
        tokens=None if samples.tokens is None else samples.tokens[kept],
        flags={name: column[kept] for name, column in samples.flags.items()},
    )
