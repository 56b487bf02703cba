"""The best numbers of samples for several bands of problems together, for every total."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eval.metrics.beta_binomial import Floats


@dataclass(frozen=True)
class Choice:
    """A number of samples for each of the first bands."""

    cost: int
    """Samples of all their problems."""
    value: float
    """Sum over their problems of what the samples are worth."""
    ks: tuple[int, ...]
    """Position in `ks` for each band."""


def best_choices(ks: Sequence[int], sizes: Sequence[int], sums: Sequence[Floats]) -> list[Choice]:
    """Return all choices that no cheaper one equals, by cost: exact, one band after the other."""
    front = [Choice(0, 0.0, ())]
    for size, worths in zip(sizes, sums, strict=True):
        longer = [
            Choice(choice.cost + size * k, choice.value + float(worths[at]), (*choice.ks, at))
            for choice in front
            for at, k in enumerate(ks)
        ]
        front = []
        for choice in sorted(longer, key=lambda one: (one.cost, -one.value)):
            if not front or choice.value > front[-1].value + 1e-12:
                front.append(choice)
    return front


def best_of_all(ks: Sequence[int], values: Floats, total: float) -> tuple[Floats, Floats]:
    """Return the numbers of samples of each problem, and their worth, that together are worth most, for at most `total`
    samples; `values` is [problems, ks]. No allocation is better, because the last number may be a fraction.

    Samples are given where the next ones bring most, along the upper hull of each problem's values (a fractional
    multiple-choice knapsack; Sinha and Zoltners 1979, Operations Research 27).
    """
    numbers, worth = np.full(len(values), float(ks[0])), values[:, 0].copy()
    left = total - numbers.sum()
    steps = [(gain / cost, at, cost, gain) for at, row in enumerate(values) for cost, gain in hull(ks, row)]
    for _, at, cost, gain in sorted(steps, key=lambda step: (-step[0], step[1], step[2])):
        share = min(1.0, left / cost)
        numbers[at] += share * cost
        worth[at] += share * gain
        left -= share * cost
        if left <= 0:
            break
    return numbers, worth


def hull(ks: Sequence[int], values: Floats) -> list[tuple[float, float]]:
    """Return further samples and what they add, step by step, each step adding less per sample than the one before."""
    corners = [0]
    for at in range(1, len(ks)):
        while len(corners) > 1 and slope(ks, values, corners[-2], corners[-1]) <= slope(ks, values, corners[-2], at):
            corners.pop()
        corners.append(at)
    steps = [(float(ks[b] - ks[a]), float(values[b] - values[a])) for a, b in pairwise(corners)]
    return [(cost, gain) for cost, gain in steps if gain > 0]


def slope(ks: Sequence[int], values: Floats, first: int, last: int) -> float:
    return float(values[last] - values[first]) / (ks[last] - ks[first])
