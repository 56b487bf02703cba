"""Finds the groups of problems that are also scored apart: those of one level, subject or source."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from eval.metrics.samples import Samples
from records.difficulty import difficulty

ENOUGH_FOR_BANDS = 4
"""Samples per problem from which a pass rate tells easy problems from hard ones."""


def groups_of(samples: Samples) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield the name of every group, such as `level=5`, with the positions of its problems. A property that has one
    value for all problems makes no groups."""
    for name, values in samples.groups.items():
        different = sorted(set(values))
        for value in different if len(different) > 1 else []:
            yield f"{name}={value}", np.array([at for at, found in enumerate(values) if found == value])


def bands(samples: Samples) -> list[str]:
    """Return the difficulty of every problem for the model that was sampled. It groups another model's samples: in its
    own, luck would decide both the band and the score."""
    right, decided = samples.counts()
    rates = [r / n if n else None for r, n in zip(right.tolist(), decided.tolist(), strict=True)]
    return [difficulty(rate) for rate in rates]
