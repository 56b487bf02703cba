"""Finds the problems that one variant solves and another does not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats
from eval.metrics.samples import RIGHT, UNKNOWN, WRONG
from eval.report.outlines import Outline
from eval.variants import Comparison, comparisons
from records.rows import Variant

LOST, GAINED = "lost", "gained"


@dataclass(frozen=True, slots=True)
class Flip:
    """A problem, and a trace from either side that shows it, as positions in their outlines."""

    problem: str
    kind: str
    """LOST: right with the yardstick and wrong with the variant. GAINED: the other way round."""
    yardstick: int
    variant: int


@dataclass(frozen=True, slots=True)
class Flips:
    """The flips of one pair on one benchmark. Made by `find_flips`; read by the page and the summary."""

    benchmark: str
    pair: Comparison
    compared: int
    """Problems with a verdict on both sides."""
    flips: list[Flip]

    def count(self, kind: str) -> int:
        return sum(flip.kind == kind for flip in self.flips)


def find_flips(benchmark: str, outlines: dict[Variant, Outline]) -> list[Flips]:
    """Return the flips of all pairs that are compared, those of a quantized model with itself first.

    A problem is right if more than half of its decided samples are, wrong if fewer than half are, and flips if it is
    right on one side and wrong on the other. With one sample, that is its verdict.
    """
    pairs = sorted(comparisons(outlines), key=lambda pair: pair.variant.model != pair.yardstick.model)
    return [flips_of(benchmark, pair, outlines) for pair in pairs]


def flips_of(benchmark: str, pair: Comparison, outlines: dict[Variant, Outline]) -> Flips:
    ours, theirs = outlines[pair.variant], outlines[pair.yardstick]
    places = {problem: at for at, problem in enumerate(theirs.problems)}
    shares, their_shares = right_shares(ours), right_shares(theirs)
    compared, found = 0, []
    for at, problem in enumerate(ours.problems):
        share, their_share = shares[at], their_shares[places[problem]] if problem in places else np.nan
        if np.isnan(share) or np.isnan(their_share):
            continue
        compared += 1
        if (share - 0.5) * (their_share - 0.5) < 0:
            kind = LOST if share < their_share else GAINED
            yardstick = first_with(theirs, places[problem], RIGHT if kind == LOST else WRONG)
            variant = first_with(ours, at, WRONG if kind == LOST else RIGHT)
            found.append(Flip(problem, kind, yardstick, variant))
    return Flips(benchmark, pair, compared, sorted(found, key=lambda flip: flip.kind != LOST))


def right_shares(outline: Outline) -> Floats:
    """Return the share of right samples among the decided ones of each problem; NaN if none is decided."""
    n = len(outline.problems)
    right = np.bincount(outline.problem[outline.verdicts == RIGHT], minlength=n)
    decided = np.bincount(outline.problem[outline.verdicts != UNKNOWN], minlength=n)
    return np.where(decided > 0, right / np.maximum(decided, 1), np.nan)


def first_with(outline: Outline, problem: int, verdict: int) -> int:
    """Return the problem's first sample with this verdict, which it has."""
    rows: NDArray[np.int64] = np.flatnonzero((outline.problem == problem) & (outline.verdicts == verdict))
    return int(rows[outline.rank[rows].argmin()])
