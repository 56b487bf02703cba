"""The lengths of any number of rows, in memory that does not grow with them: how many rows have which length."""

import numpy as np
from numpy.typing import NDArray

from records.preflight import Lengths


class RowLengths:
    """Counts rows by their tokens."""

    def __init__(self, lengths: NDArray[np.int64] | None = None) -> None:
        self.counts = np.bincount(np.zeros(0, np.int64) if lengths is None else lengths)
        """Number of rows, by length: 8 bytes for each length up to the longest."""

    def add(self, other: "RowLengths") -> None:
        longer, shorter = sorted((self.counts, other.counts), key=len, reverse=True)
        self.counts = longer.copy()
        self.counts[: len(shorter)] += shorter

    def tokens(self) -> int:
        return int(self.counts @ np.arange(len(self.counts)))

    def attended(self) -> float:
        """Return the number of keys that a token attends to, on average over all tokens."""
        lengths = np.arange(len(self.counts), dtype=np.float64)
        return float(self.counts @ (lengths * (lengths + 1) / 2) / self.tokens())

    def summary(self) -> Lengths | None:
        """Return quantiles that occur as lengths (the higher one where a quantile lies between two), and a histogram by
        powers of two; None without rows."""
        rows = int(self.counts.sum())
        if not rows:
            return None
        places = np.ceil(np.array([0, 0.5, 0.95, 1]) * (rows - 1))
        shortest, median, p95, longest = np.searchsorted(self.counts.cumsum(), places, side="right").tolist()
        present = np.flatnonzero(self.counts)
        powers = np.ceil(np.log2(present)).astype(int)
        rows_by_power = np.bincount(powers, self.counts[present])
        return Lengths(
            shortest=shortest,
            median=median,
            p95=p95,
            longest=longest,
            histogram={str(2**power): int(rows_by_power[power]) for power in range(powers[0], powers[-1] + 1)},
        )
