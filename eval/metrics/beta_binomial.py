"""The accuracy of a population of problems, given counts of right samples: a beta-binomial model on a grid.

A problem's own accuracy is drawn from a Beta distribution with mean m and intraclass correlation r = 1 / (a + b + 1),
and each of its samples is right with that accuracy (Skellam 1948). r is 0 if all problems are equally hard and 1 if a
problem's samples are all right or all wrong; what is between is not assumed but integrated over, which is what makes
samples and problems count for what they are worth together. The priors are Jeffreys's for a proportion, sin^2 of a
uniform angle, for m and for r (Brown, Cai and DasGupta 2001, Statistical Science 16). With one sample per problem the
posterior of m is that of the ordinary Jeffreys interval.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[[Floats, Floats], Floats]
"""What is expected of a problem, from a and b of the distribution of its accuracy."""

MEANS, CORRELATIONS = 160, 30
"""Cells of the grid. Its two angles are divided evenly, so that cells are smallest near 0 and 1."""
NEGLIGIBLE = 1e-6
"""Share of the posterior that may lie outside the cells to which the grid is narrowed."""
FINE_ENOUGH = 16
"""Cells that must hold the bulk of the posterior; if fewer do, the grid is narrowed to them."""
RIGHT_ANGLE = np.pi / 2


@dataclass(frozen=True, slots=True)
class Grid:
    """Edges of the cells, as angles from 0 to pi/2: of the mean and of the correlation."""

    means: Floats
    correlations: Floats

    def parameters(self) -> tuple[Floats, Floats]:
        """Return a and b of the Beta distribution at the middle of every cell, as two arrays [means, correlations]."""
        mean, correlation = np.sin(middles(self.means)) ** 2, np.sin(middles(self.correlations)) ** 2
        strength = 1 / correlation - 1
        return mean[:, None] * strength, (1 - mean)[:, None] * strength


def middles(edges: Floats) -> Floats:
    return (edges[1:] + edges[:-1]) / 2


WHOLE = Grid(np.linspace(0, RIGHT_ANGLE, MEANS + 1), np.linspace(0, RIGHT_ANGLE, CORRELATIONS + 1))


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probability of every cell of a grid, [means, correlations]; the sum is 1."""

    grid: Grid
    weights: Floats

    def mean_quantiles(self, *shares: float) -> list[float]:
        """Return quantiles of the mean accuracy, interpolated within cells."""
        cumulated = np.concatenate([[0.0], np.cumsum(self.weights.sum(axis=1))])
        return [float(np.sin(np.interp(share, cumulated, self.grid.means)) ** 2) for share in shares]

    def quantiles(self, function: Function, *shares: float) -> list[float]:
        """Return quantiles of a function of a and b, such as the chance that one of k samples is right."""
        values = function(*self.grid.parameters()).ravel()
        order = np.argsort(values)
        cumulated = np.cumsum(self.weights.ravel()[order])
        at = np.searchsorted(cumulated, shares).clip(max=len(order) - 1)
        return [float(value) for value in values[order][at]]


def posterior(right: Floats, samples: Floats) -> Posterior:
    """Return the posterior for problems with `right` of `samples` each; two arrays of one length, at least 1.

    `right` may hold fractions, for values between 0 and 1 that are estimated from `samples` samples.
    """
    pairs, times = np.unique(np.stack([right, samples], axis=1), axis=0, return_counts=True)
    log_weights = sum(count * on_whole_grid(float(c), float(n)) for (c, n), count in zip(pairs, times, strict=True))
    found = normalised(WHOLE, np.asarray(log_weights))
    for _ in range(4):
        narrow = narrowed(found)
        if narrow is None:
            break
        a, b = narrow.parameters()
        log_weights = sum(count * log_likelihood(c, n, a, b) for (c, n), count in zip(pairs, times, strict=True))
        found = normalised(narrow, np.asarray(log_weights))
    return found


def log_likelihood(right: float, samples: float, a: Floats, b: Floats) -> Floats:
    from scipy.special import betaln

    return np.asarray(betaln(a + right, b + samples - right) - betaln(a, b))


@lru_cache(maxsize=256)
def on_whole_grid(right: float, samples: float) -> Floats:
    return log_likelihood(right, samples, *WHOLE.parameters())


def normalised(grid: Grid, log_weights: Floats) -> Posterior:
    weights = np.exp(log_weights - log_weights.max())
    return Posterior(grid, weights / weights.sum())


def narrowed(found: Posterior) -> Grid | None:
    """Return a grid on the cells that hold all but NEGLIGIBLE of the posterior; None if they are many already."""
    first, last = bulk(found.weights.sum(axis=1))
    if last - first >= FINE_ENOUGH:
        return None
    low, high = bulk(found.weights.sum(axis=0))
    means, correlations = found.grid.means, found.grid.correlations
    return Grid(
        np.linspace(means[first], means[last], MEANS + 1),
        np.linspace(correlations[low], correlations[high], CORRELATIONS + 1),
    )


def bulk(weights: Floats) -> tuple[int, int]:
    """Return the first and last edge of the cells that hold the bulk, with one cell more on each side."""
    cumulated = np.cumsum(weights)
    first, last = np.searchsorted(cumulated, [NEGLIGIBLE, 1 - NEGLIGIBLE])
    return max(0, int(first) - 1), min(len(weights), int(last) + 2)
