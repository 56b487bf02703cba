"""Where more thinking stops paying, and where it hurts, by paired tests on the same problems.

Several comparisons are made at once, so each p-value counts as many times as there are comparisons (Bonferroni): at
most one analysis in twenty says something that chance alone made.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from eval.metrics.comparison import compare
from eval.metrics.estimate import Estimate
from eval.metrics.samples import Samples

LEVEL = 0.05
Pairs = dict[tuple[int, int], Estimate]
"""Difference of two budgets, by their places in order of tokens."""


def between(earlier: tuple[str, Samples], later: tuple[str, Samples]) -> Estimate:
    """Return the paired difference of the larger budget minus the smaller one."""
    return replace(compare(later[1], earlier[1])[0], metric=f"{later[0]} minus {earlier[0]}")


def what_more_gives(budgets: Sequence[tuple[str, Samples]], tokens: Sequence[float]) -> list[Estimate]:
    """Return the difference of every budget from the one before it, the smallest budget that no larger one beats, and
    the budgets that are worse than a smaller one.

    `budgets` are labels and samples in order of their mean tokens, `tokens`.
    """
    pairs = {(one, other): between(budgets[one], budgets[other]) for one, other in combinations(range(len(budgets)), 2)}
    steps = [pairs[at, at + 1] for at in range(len(budgets) - 1)]
    return [*steps, *smallest_enough(budgets, tokens, pairs), *overthinking(pairs)]


def smallest_enough(budgets: Sequence[tuple[str, Samples]], tokens: Sequence[float], pairs: Pairs) -> list[Estimate]:
    for at, (label, samples) in enumerate(budgets):
        larger = [pairs[at, other] for other in range(at + 1, len(budgets))]
        if not any(shown(one, len(larger)) and (one.value or 0) > 0 for one in larger):
            n = len(samples.problems)
            return [Estimate(f"enough: {label}", tokens[at], n_problems=n, n_samples=len(samples.verdicts))]
    raise AssertionError("nothing is larger than the largest")


def overthinking(pairs: Pairs) -> list[Estimate]:
    """Return for each budget that is shown to be worse than smaller ones the largest such difference."""
    worst: dict[int, Estimate] = {}
    for (_, later), one in pairs.items():
        if shown(one, len(pairs)) and (one.value or 0) < min(0.0, worst[later].value or 0 if later in worst else 0.0):
            worst[later] = one
    return [replace(one, metric=f"overthinking: {one.metric}") for _, one in sorted(worst.items())]


def shown(difference: Estimate, comparisons: int) -> bool:
    return difference.p is not None and difference.p * comparisons < LEVEL
