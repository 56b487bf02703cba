"""Measures how often the interval of a slope over thinking tokens contains the truth (docs/test_time_compute.md).

    python -m bench.slopes [--repetitions N]

Problems differ in difficulty; a hard one takes more tokens and is solved less often, and both move the slope. The truth
is the slope of 200,000 problems.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from eval.metrics.beta_binomial import Floats
from eval.scaling.log_linear import log_linear

BUDGETS = np.array([128, 256, 512, 1024])
RISES = (0.0, 0.5, 1.5)
"""Change of the log-odds with each doubling of the budget."""
PROBLEMS = (10, 30)
SAMPLES = (1, 8)
POPULATION = 200_000


def simulated(rng: np.random.Generator, n_problems: int, n: int, rise: float) -> tuple[Floats, Floats]:
    """Draw accuracy and mean tokens of problems with n samples each, [problems, budgets]."""
    hardness = rng.normal(0, 1.2, n_problems)[:, None]
    wanted = 400 * np.exp(0.5 * hardness + 0.4 * rng.normal(size=(n_problems, n)))
    tokens = np.stack([np.minimum(wanted, budget).mean(axis=1) for budget in BUDGETS], axis=1)
    chance = 1 / (1 + np.exp(hardness - rise * (np.log2(BUDGETS) - 8.5)))
    return rng.binomial(n, chance) / n, tokens


def cover_slopes(n_problems: int, n: int, rise: float, repetitions: int) -> tuple[float, float]:
    """Return the share of repetitions whose interval contains the truth, and that of slopes called different from 0."""
    truth = log_linear(*simulated(np.random.default_rng(1), POPULATION, n, rise), n_samples=0)[0].value or 0.0
    rng, covered, shown = np.random.default_rng([n, round(10 * rise)]), 0, 0
    for _ in range(repetitions):
        slope = log_linear(*simulated(rng, n_problems, n, rise), n_samples=0)[0]
        covered += (slope.low or 0.0) <= truth <= (slope.high or 0.0)
        shown += (slope.p or 1.0) < 0.05
    return covered / repetitions, shown / repetitions


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=2000)
    arguments = parser.parse_args(argv)
    print("problems  samples  rise  covered  p < 0.05")
    for n_problems in PROBLEMS:
        for n in SAMPLES:
            for rise in RISES:
                covered, shown = cover_slopes(n_problems, n, rise, arguments.repetitions)
                print(f"{n_problems:8}  {n:7}  {rise:4}  {100 * covered:6.1f}%  {100 * shown:7.1f}%", flush=True)


if __name__ == "__main__":
    main()
