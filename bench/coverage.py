"""Measures how often 95 % intervals contain the truth, over simulated problems and samples (docs/evaluation.md).

    python -m bench.coverage [--repetitions N] [--json FILE]

Each cell draws 30 problems whose accuracies vary about a true rate, and n samples of each; the interval covers if it
contains the rate. Accuracies are equal (correlation 0), drawn from a Beta distribution (0.2, the intraclass correlation
of samples), or 0 and 1 (1). Differences compare a variant with another one that has lost or changed some problems.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.metrics.at_k import at_least, chance_interval
from eval.metrics.beta_binomial import posterior
from eval.metrics.differences import paired_difference
from eval.metrics.intervals import rate_interval

PROBLEMS = 30
RATES = (0.0, 0.01, 0.03, 0.1, 0.5, 0.97, 1.0)
SAMPLES = (1, 8, 64)
CELLS = [(n, rate) for n in SAMPLES for rate in RATES]
CORRELATIONS = (0.0, 0.2, 1.0)
ROUNDING = 1e-9
Accuracies = NDArray[np.float64]


def accuracies(rng: np.random.Generator, rate: float, correlation: float) -> Accuracies:
    """Draw each problem's own accuracy; their mean is `rate`."""
    if correlation == 0 or rate in (0, 1):
        return np.full(PROBLEMS, rate)
    if correlation == 1:
        return (rng.random(PROBLEMS) < rate).astype(float)
    strength = 1 / correlation - 1
    return rng.beta(rate * strength, (1 - rate) * strength, PROBLEMS)


def generator(n: int, rate: float) -> np.random.Generator:
    """Return the cell's own random numbers, so that no cell shares another one's luck."""
    return np.random.default_rng([n, round(1000 * rate)])


def draw(rng: np.random.Generator, n: int, accuracy: Accuracies) -> Accuracies:
    return rng.binomial(n, accuracy).astype(float)


def cover_rates(n: int, rate: float, correlation: float, repetitions: int) -> float:
    """Return the share of repetitions whose interval of the accuracy contains the true rate."""
    rng, samples = generator(n, rate), np.full(PROBLEMS, float(n))
    covered = 0
    for _ in range(repetitions):
        low, high = rate_interval(draw(rng, n, accuracies(rng, rate, correlation)), samples)
        covered += low - ROUNDING <= rate <= high + ROUNDING
    return covered / repetitions


def cover_chances(n: int, k: int, rate: float, correlation: float, repetitions: int) -> float:
    """Return the share of repetitions whose interval of pass@k contains its true mean, estimated from many problems."""
    rng, samples = generator(n, rate), np.full(PROBLEMS, float(n))
    many = np.concatenate([accuracies(rng, rate, correlation) for _ in range(10_000)])
    truth = float((1 - (1 - many) ** k).mean())
    covered = 0
    for _ in range(repetitions):
        right = draw(rng, n, accuracies(rng, rate, correlation))
        values = at_least(1, k, right, samples)
        low, high = chance_interval(posterior(right, samples), 1, k, values)
        covered += low - ROUNDING <= truth <= high + ROUNDING
    return covered / repetitions


def cover_differences(n: int, rate: float, correlation: float, lost: float, repetitions: int) -> float:
    """Return the share of repetitions whose interval contains the true difference of a variant that has lost the share
    `lost` of every problem's accuracy."""
    rng = generator(n, rate)
    covered = 0
    for _ in range(repetitions):
        before = accuracies(rng, rate, correlation)
        changes = draw(rng, n, before * (1 - lost)) / n - draw(rng, n, before) / n
        low, high = paired_difference(changes, single=n == 1).interval
        covered += low - ROUNDING <= -lost * rate <= high + ROUNDING
    return covered / repetitions


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)
    times = arguments.repetitions
    found = []
    print("what           n  correlation " + " ".join(f"{100 * rate:5g}%" for rate in RATES))
    for n in SAMPLES:
        for correlation in CORRELATIONS if n > 1 else (1.0,):
            rows = {"accuracy": [cover_rates(n, rate, correlation, times) for rate in RATES]}
            if n == 64:
                rows["pass@8"] = [cover_chances(n, 8, rate, correlation, times) for rate in RATES]
            for lost in (0.0, 0.2):
                covered = [cover_differences(n, rate, correlation, lost, times) for rate in RATES]
                rows[f"−{100 * lost:g}%"] = covered
            for what, covered in rows.items():
                shown = " ".join(f"{100 * share:6.1f}" for share in covered)
                print(f"{what:12} {n:3} {correlation:12} {shown}", flush=True)
                found.append({"what": what, "n": n, "correlation": correlation, "covered": covered})
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
