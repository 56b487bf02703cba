"""The best numbers of samples for several bands of problems together, for every total."""

from collections.abc import Sequence
from dataclasses import dataclass

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
