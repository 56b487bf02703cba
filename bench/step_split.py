"""Divides labelled solutions by problem: no problem is on two sides."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.step_sets import Solution
from records.hashing import fingerprint

DEV_SHARE = 0.12
"""Share of the problems of the training side on which thresholds are chosen."""


@dataclass(frozen=True)
class Split:
    """One training and its test. Made by `folds` and `across`; read by bench/process_scorer.py."""

    seed: int
    train: list[Solution]
    dev: list[Solution]
    """Of the training side, but not trained on: thresholds are chosen here."""
    test: list[Solution]


def place_of(key: str, salt: str) -> float:
    """Return a number between 0 and 1, drawn by hashing."""
    return int(fingerprint([salt, key])[:8], 16) / 16**8


def folds(solutions: Sequence[Solution], seeds: Sequence[int]) -> list[Split]:
    """Divide the problems into as many parts as there are seeds; each is the test of one training on the others."""
    keys = sorted({one.problem_key for one in solutions}, key=lambda key: place_of(key, "fold"))
    part = {key: at % len(seeds) for at, key in enumerate(keys)}
    splits = []
    for number, seed in enumerate(seeds):
        others = [one for one in solutions if part[one.problem_key] != number]
        splits.append(split(seed, others, [one for one in solutions if part[one.problem_key] == number]))
    return splits


def across(train: Sequence[Solution], test: Sequence[Solution], seeds: Sequence[int]) -> list[Split]:
    """Train on one side with every seed and test on the other. Problems of the test are left out of the training."""
    tested = {one.problem_key for one in test}
    others = [one for one in train if one.problem_key not in tested]
    return [split(seed, others, list(test)) for seed in seeds]


def split(seed: int, others: Sequence[Solution], test: list[Solution]) -> Split:
    is_dev = {one.problem_key: place_of(one.problem_key, f"dev {seed}") < DEV_SHARE for one in others}
    train, dev = ([one for one in others if is_dev[one.problem_key] is kept] for kept in (False, True))
    return Split(seed, train, dev, test)
