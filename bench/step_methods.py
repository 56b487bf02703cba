"""Says of scored solutions which step is the first wrong one: baselines, the exact check, the scorer, and both."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bench.first_errors import Found, harmonic, shares
from bench.step_sets import Solution
from filters.scorers.equations import check_pieces, summary

FEWEST = 20
"""Solutions of a set from which it has a threshold of its own; fewer take that of all sets."""
THRESHOLDS = 200
"""Thresholds that are tried: quantiles of the solutions' lowest scores."""
Scores = list[float | None]


@dataclass(frozen=True)
class Scored:
    """A solution with the scorer's scores of its steps, None for a blank one. Made by bench/process_scorer.py."""

    solution: Solution
    scores: Scores

    @cached_property
    def checked(self) -> Scores:
        """What the exact check says of each step: 1 if its equations hold, 0 if one is false, None if undecided."""
        return [found.value for found in check_pieces(list(self.solution.labelled.steps))]

    def found(self, said: int | None, score: float) -> Found:
        solution = self.solution
        return Found(solution.problem_key, solution.first_wrong, said, score, len(solution.labelled.steps))


def baselines(test: Sequence[Scored], seed: int) -> dict[str, list[Found]]:
    """Return what needs no training says."""
    dice = random.Random(seed)
    drawn = [dice.randrange(len(one.scores) + 1) for one in test]
    checks = [summary(check_pieces(list(one.solution.labelled.steps))) for one in test]
    return {
        "always right": [one.found(None, 0) for one in test],
        "random": [
            one.found(at if at < len(one.scores) else None, dice.random()) for one, at in zip(test, drawn, strict=True)
        ],
        "number of steps": [one.found(None, -len(one.scores)) for one in test],
        "equations": [
            one.found(check.first_false, -check.share_false) for one, check in zip(test, checks, strict=True)
        ],
    }


def false_only(scored: Scored) -> Scores:
    """A step with a false equation is wrong, whatever the scorer says."""
    return [0.0 if check == 0 else score for score, check in zip(scored.scores, scored.checked, strict=True)]


def where_decided(scored: Scored) -> Scores:
    """The check stands for the scorer wherever it decides: a step whose equations hold is right."""
    return [score if check is None else check for score, check in zip(scored.scores, scored.checked, strict=True)]


TRAINED: dict[str, Callable[[Scored], Scores]] = {
    "scorer": lambda scored: scored.scores,
    "scorer, equations if false": false_only,
    "scorer, equations if decided": where_decided,
}
"""The methods that have a threshold, by what they take for a step's score."""


def thresholded(dev: Sequence[Scored], test: Sequence[Scored]) -> dict[str, list[Found]]:
    """Return what the trained methods say of the test, with thresholds chosen on `dev`: one for each set, or where that
    is small one for all."""
    by_set: dict[str, list[Scored]] = defaultdict(list)
    for one in dev:
        by_set[one.solution.set].append(one)
    said = {}
    for method, scores in TRAINED.items():
        for_all = chosen(dev, scores)
        own = {name: chosen(rows, scores) for name, rows in by_set.items() if len(rows) >= FEWEST}
        said[method] = [judged(one, scores(one), own.get(one.solution.set, for_all)) for one in test]
    return said


def chosen(dev: Sequence[Scored], scores: Callable[[Scored], Scores]) -> float:
    """Return the threshold with the highest F1, or if all solutions are right or all wrong with the highest accuracy.
    Of equally good ones it is the lowest, which flags least."""
    rows = [(one, scores(one)) for one in dev]
    lows = [lowest(found) for _, found in rows]
    tried = np.quantile(lows, np.linspace(0, 1, THRESHOLDS + 1)) if lows else np.zeros(0)
    best, threshold = -1.0, 0.5
    for candidate in sorted({0.0, *np.nextafter(tried, 2).tolist()}):
        gained = gain([judged(one, values, candidate) for one, values in rows])
        if gained > best:
            best, threshold = gained, candidate
    return threshold


def gain(said: Sequence[Found]) -> float:
    found, kept, all_right = shares(said)
    return all_right if math.isnan(found + kept) else harmonic(found, kept)


def judged(scored: Scored, scores: Scores, threshold: float) -> Found:
    said = next((at for at, score in enumerate(scores) if score is not None and score < threshold), None)
    return scored.found(said, lowest(scores))


def lowest(scores: Scores) -> float:
    """Return the lowest score of a step, which stands for the solution; 1 if no step has one."""
    return min((score for score in scores if score is not None), default=1.0)
