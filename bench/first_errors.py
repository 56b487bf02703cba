"""First errors and solutions told apart: the figures of anything that scores steps (ProcessBench, arXiv 2412.06559)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics.auc import auc_over_all
from eval.metrics.estimate import Estimate
from eval.metrics.samples import RIGHT, WRONG, sorted_samples


@dataclass(frozen=True)
class Found:
    """What is said of one solution. Made by the benches of step scorers; read by `figures`."""

    problem: str
    """The key by which solutions of one problem are clustered."""
    wrong: int | None
    """Its first wrong step, from 0; None if it is right."""
    said: int | None
    """The step that is said to be the first wrong one."""
    score: float
    """Higher for a solution that is held for right."""
    steps: int


@dataclass(frozen=True)
class Figures:
    """The figures of some solutions. A share of nothing is NaN."""

    n: int
    wrong: int
    """Number of solutions with a wrong step."""
    found: float
    """Share of them of which the first wrong step is hit."""
    kept: float
    """Share of the right solutions in which no step is called wrong."""
    accuracy: float
    """Share of all solutions that are found or kept."""
    auc: Estimate
    """Chance that a right solution has a higher score than a wrong one; ties count half. Clustered by problem."""

    @property
    def f1(self) -> float:
        """Harmonic mean of `found` and `kept`."""
        return harmonic(self.found, self.kept)


def shares(rows: Sequence[Found]) -> tuple[float, float, float]:
    """Return the shares of hits among the wrong solutions, the right ones and all. A share of nothing is NaN."""
    wrong = [row.said == row.wrong for row in rows if row.wrong is not None]
    right = [row.said is None for row in rows if row.wrong is None]
    found, kept, hits = (sum(part) / len(part) if part else math.nan for part in (wrong, right, wrong + right))
    return found, kept, hits


def harmonic(found: float, kept: float) -> float:
    return 2 * found * kept / (found + kept) if found + kept else 0.0


def figures(rows: Sequence[Found]) -> Figures:
    found, kept, hits = shares(rows)
    wrong = np.array([row.wrong is not None for row in rows])
    names = sorted({row.problem for row in rows})
    place = {name: at for at, name in enumerate(names)}
    owners = np.array([place[row.problem] for row in rows], dtype=np.int32)
    verdicts = np.where(wrong, WRONG, RIGHT).astype(np.int8)
    scores = np.array([row.score for row in rows], dtype=np.float64)
    samples, _ = sorted_samples(names, owners, np.arange(len(rows)), verdicts=verdicts, scores=scores)
    return Figures(
        n=len(rows),
        wrong=int(wrong.sum()),
        found=found,
        kept=kept,
        accuracy=hits,
        auc=auc_over_all(samples),
    )


def chance(rows: Sequence[Found]) -> float:
    """Return the expected accuracy of naming a step, or none, at random."""
    return float(np.mean([1 / (row.steps + 1) for row in rows]))


def shown(value: Estimate, digits: int = 3) -> str:
    if value.value is None:
        return "none"
    bounds = "" if value.low is None else f" [{value.low:.{digits}f}, {value.high:.{digits}f}]"
    return f"{value.value:.{digits}f}{bounds}"
