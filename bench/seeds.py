"""Trains the student of a pair anew with several training seeds, and shows how far its scores move.

    python -m bench.seeds [configs/demo/tiny.yaml] [key.path=value …] [--seeds 1 2 3 4 5] [--run-dir DIR] [--json FILE]
    python -m bench.seeds … --against training.settings.learning_rate=2.0e-3

All trainings lie in one run directory: traces and dataset are made once, and the same command continues an interrupted
measurement. The score is the share of right answers of the trained student in 16 or 32 bits, over all benchmarks.

`--against` trains a second recipe with the same seeds, on top of the first one's overrides. The difference is paired
by seed, with a Student's t interval over the seeds: what holds for other seeds on the same benchmark problems. A second
interval is over the problems, each with its mean over the seeds: what holds for other problems with these trainings.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from bench.problem_pairs import over_problems, rates_of
from configs.load import load_config
from configs.measuring import STUDENT
from eval.metrics.accuracy import ACCURACY
from flows.distill import plan_distillation
from records.artifact import read_manifest
from records.errors import InputError

SEEDS = (1, 2, 3, 4, 5)
CONFIDENCE = 0.95
TOLD = "{name:8} seed {seed}: {score:5.1f} % from {rows:,} rows in {trainer_s:,.0f} s"


def measure(config: str, overrides: Sequence[str], seed: int) -> dict[str, Any]:
    """Run the pair with one training seed. Return its score in percent, the rows that it was trained on, the seconds
    that the trainer took, and the share of right answers by problem."""
    given = [*overrides, f"training.seed={seed}"]
    subprocess.run([sys.executable, "-m", "flows.distill", config, *given], check=True, stdout=sys.stderr)
    run = plan_distillation(load_config(Path(config), given))
    if run.scores is None:
        raise InputError(f"{config} has no benchmarks, so there is no score to measure")
    rows = json.loads((run.scores.path / "scores.json").read_text())
    counts = read_manifest(run.student.artifact)["counts"]
    return {
        "seed": seed,
        "score": round(100 * score_of(rows), 2),
        "rows": counts["rows"],
        "trainer_s": counts["trainer_s"],
        "rates": rates_of(run.scores),
    }


def score_of(rows: list[dict[str, Any]], model: str = STUDENT) -> float:
    """Return the accuracy of a model in full precision over all problems of all benchmarks."""
    full = [row for row in rows if (row["model"], row["precision"]) == (model, "full")]
    found = [(row["value"], row["n_problems"]) for row in full if row["metric"] == ACCURACY and not row["group"]]
    return sum(value * count for value, count in found) / sum(count for _, count in found)


def spread(scores: Sequence[float]) -> str:
    """Return mean, standard deviation over seeds, and extremes, in percent."""
    deviation = np.std(scores, ddof=1)
    return f"mean {np.mean(scores):.1f}, standard deviation {deviation:.1f}, {min(scores):.1f} to {max(scores):.1f}"


def paired(first: Sequence[float], second: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean difference second - first, and its interval (Student's t over the seeds)."""
    differences = np.subtract(second, first)
    mean = float(differences.mean())
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(differences) - 1) * stats.sem(differences))
    return mean, mean - half, mean + half


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="configs/demo/tiny.yaml")
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--against", nargs="+", default=[], metavar="OVERRIDE")
    parser.add_argument("--run-dir", type=Path, help="keep the run here; without it a temporary directory")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if len(set(arguments.seeds)) < max(2, len(arguments.seeds)):
        parser.error("--seeds takes two different numbers or more: one alone has no spread")

    recipes = {"recipe": arguments.overrides}
    if arguments.against:
        recipes["against"] = [*arguments.overrides, *arguments.against]
    entries = []
    with tempfile.TemporaryDirectory() as temporary:
        run_dir = f"run_dir={arguments.run_dir or temporary}"
        for name, overrides in recipes.items():
            for seed in arguments.seeds:
                entries.append({"name": name} | measure(arguments.config, [*overrides, run_dir], seed))
                print(TOLD.format(**entries[-1]), flush=True)
    scores = {name: [entry["score"] for entry in entries if entry["name"] == name] for name in recipes}
    for name, values in scores.items():
        print(f"{name}: {spread(values)} over {len(values)} seeds")
    if arguments.against:
        mean, low, high = paired(scores["recipe"], scores["against"])
        print(f"against - recipe: {mean:+.1f} points [{low:+.1f}, {high:+.1f}], paired by seed")
        rates = {name: [entry["rates"] for entry in entries if entry["name"] == name] for name in recipes}
        found = over_problems(rates["recipe"], rates["against"])
        low, high = (100 * bound for bound in found.interval)
        print(f"over {found.n_problems} problems: {100 * found.value:+.1f} points [{low:+.1f}, {high:+.1f}]")
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
