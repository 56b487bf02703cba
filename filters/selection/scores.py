"""The scores by which traces are selected: they order the candidates, or a threshold leaves some of them out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from filters.reasons import LOW_SCORE, NO_SCORE
from filters.selection.entry import Entry


@dataclass(frozen=True)
class Scores:
    """The scores of all traces. Made by `read_scores_of`; read when the index is built."""

    values: NDArray[np.float64] | None = None
    """One value per trace, in their order; NaN where the scorer gave none. None if nothing is selected by scores."""
    least: float | None = None
    """`selection.min_score`."""

    def of(self, position: int) -> float | None:
        if self.values is None or np.isnan(self.values[position]):
            return None
        return float(self.values[position])

    def sufficient(self, candidates: Sequence[Entry], left_out: Counter[str]) -> list[Entry]:
        """Return the candidates whose score reaches the threshold, and count the others by reason."""
        if self.least is None:
            return list(candidates)
        stay = [one for one in candidates if one.score is not None and one.score >= self.least]
        unscored = sum(one.score is None for one in candidates)
        left_out.update({NO_SCORE: unscored, LOW_SCORE: len(candidates) - len(stay) - unscored})
        return stay
