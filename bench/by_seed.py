"""Runs a config with several seeds in one run directory, for the benches that compare over seeds.

What does not depend on the seed is made once, and the same command continues an interrupted measurement.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bench.seeds import paired
from configs.load import load_config
from eval.metrics.differences import paired_difference
from flows.distill import Distillation, plan_distillation

SEEDS = (1, 2, 3)
Found = TypeVar("Found")


def parser_of(doc: str | None, config: str) -> argparse.ArgumentParser:
    """Return a bench's arguments: a config with overrides, seeds, a run directory and a file for the result."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default=config)
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--run-dir", type=Path, help="keep the run here; without it a temporary directory")
    parser.add_argument("--json", type=Path)
    return parser


def with_each_seed(
    parser: argparse.ArgumentParser,
    arguments: argparse.Namespace,
    measure: Callable[[str, Sequence[str], int], Found],
    told: Callable[[Found], object],
) -> dict[int, Found]:
    """Return what `measure` finds of config and overrides with each seed, and print what `told` says of it. Ends the
    command for fewer than two seeds."""
    if len(set(arguments.seeds)) < max(2, len(arguments.seeds)):
        parser.error("--seeds takes two different numbers or more: one alone has no spread")
    found: dict[int, Found] = {}
    with tempfile.TemporaryDirectory() as temporary:
        overrides = [*arguments.overrides, f"run_dir={arguments.run_dir or temporary}"]
        for seed in arguments.seeds:
            found[seed] = measure(arguments.config, overrides, seed)
            print(f"seed {seed}: {told(found[seed])}", file=sys.stderr, flush=True)
    return found


def run_with_seed(config: str, overrides: Sequence[str], seed: int) -> Distillation:
    """Run a config with one seed in every training stage, and return what was planned. Errors: CalledProcessError if
    the run fails."""
    stages = range(len(load_config(Path(config), list(overrides)).training))
    given = [*overrides, *(f"training.{at}.seed={seed}" for at in stages)]
    subprocess.run([sys.executable, "-m", "flows.distill", config, *given], check=True, stdout=sys.stderr)
    return plan_distillation(load_config(Path(config), given))


def gain(ours: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    """Return the mean difference of tables [seeds, problems], in percent: with an interval and the p-value over the
    problems, each with the mean of its differences with all seeds, and with Student's t interval over the seeds."""
    over_problems = paired_difference((ours - theirs).mean(axis=0) / 100, single=False)
    mean, *over_seeds = paired(theirs.mean(axis=1).tolist(), ours.mean(axis=1).tolist())
    bounds = [100 * bound for bound in over_problems.interval]
    return {"mean": mean, "over_problems": bounds, "over_seeds": over_seeds, "p": over_problems.p}
