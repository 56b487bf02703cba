"""Finds the groups of problems that are also scored apart: those of one level, subject or source."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from eval.metrics.samples import Samples


def groups_of(samples: Samples) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield the name of every group, such as `level=5`, with the positions of its problems. A property that has one
    value for all problems makes no groups."""
    for name, values in samples.groups.items():
        different = sorted(set(values))
        for value in different if len(different) > 1 else []:
            yield f"{name}={value}", np.array([at for at, found in enumerate(values) if found == value])
