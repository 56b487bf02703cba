"""Compares the trainer with bare TRL, and packed with padded training, side by side in one run.

    python -m bench.training [--rows N] [--steps N] [--rounds N] [--models embedded larger] [--json FILE]

Ours is the training stage's trainer: journal, ledger, checkpoints that resume, checks and log. Bare TRL is
`trl.SFTTrainer` with the same settings, on the same rendered rows and the same weights. Both train on the CPU, padded
and packed, for an embedded student and a larger model of 4 M parameters; the order alternates from round to round, and
one round before them warms up. `bench.start_up` measures what comes before the first step.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from statistics import median
from typing import Any

from bench.trainings import EMBEDDED, LARGER, Case, Speed, train_bare, train_ours

RUNS: dict[str, tuple[Callable[[Case, Path, bool], Speed], bool]] = {
    "ours, padded": (train_ours, False),
    "TRL, padded": (train_bare, False),
    "ours, packed": (train_ours, True),
    "TRL, packed": (train_bare, True),
}
"""What is trained, by name: with which trainer, and whether packed."""


def measure(case: Case, rounds: int, warm_up: int = 1) -> dict[str, list[Speed]]:
    """Return each run's speeds, by round; those of the first `warm_up` rounds do not count."""
    case.make()
    speeds: dict[str, list[Speed]] = {name: [] for name in RUNS}
    for number in range(warm_up + rounds):
        names = list(RUNS)
        for name in names if number % 2 else reversed(names):  # coming second may be an advantage or a disadvantage
            train, packing = RUNS[name]
            with redirect_stdout(sys.stderr):  # the trainer prints what it logs
                speed = train(case, case.folder / f"{name}-{number}", packing)
            if number >= warm_up:
                speeds[name].append(speed)
    padded = {speed.tokens for name in ("ours, padded", "TRL, padded") for speed in speeds[name]}
    assert len(padded) == 1, f"the same settings trained on different tokens: {padded}"
    return speeds


def compare(case: str, speeds: dict[str, list[Speed]]) -> list[dict[str, Any]]:
    """Return a row for each comparison, with the ratio of the medians and the ratios' range over the rounds."""
    tokens = {name: [speed.tokens / speed.seconds for speed in several] for name, several in speeds.items()}
    supervised = {
        name: [(speed.supervised or 0) / speed.seconds for speed in several] for name, several in speeds.items()
    }
    return [
        entry(f"{case}, padded: ours to TRL", tokens["ours, padded"], tokens["TRL, padded"], "tokens/s"),
        entry(f"{case}, packed: ours to TRL", tokens["ours, packed"], tokens["TRL, packed"], "tokens/s"),
        entry(f"{case}: packed to padded", supervised["ours, packed"], supervised["ours, padded"], "supervised/s"),
    ]


def entry(name: str, ours: list[float], baseline: list[float], unit: str) -> dict[str, Any]:
    by_round = [one / other for one, other in zip(ours, baseline, strict=True)]
    return {"name": name, "ours": round(median(ours)), "baseline": round(median(baseline)), "unit": unit} | {
        "ratio": round(median(ours) / median(baseline), 3),
        "by_round": [round(ratio, 3) for ratio in by_round],
    }


def shown(entry: dict[str, Any]) -> str:
    spread = f"{min(entry['by_round']):.3f} to {max(entry['by_round']):.3f}"
    rates = f"{entry['ours']:>10,}{entry['baseline']:>10,}{entry['ratio']:>8.3f}"
    return f"{entry['name']:32}{rates}  {spread:18}{entry['unit']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=50, help="a multiple of 5, after each of which the trainer logs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", nargs="+", choices=[EMBEDDED, LARGER], default=[EMBEDDED, LARGER])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.steps % 5:
        parser.error("--steps must be a multiple of 5")
    entries = []
    with tempfile.TemporaryDirectory() as temporary:
        for model in arguments.models:
            case = Case(model, Path(temporary) / model, arguments.rows, arguments.steps)
            entries += compare(model, measure(case, arguments.rounds))
    print(f"{'':32}{'ours':>10}{'baseline':>10}{'ratio':>8}  {'by round':18}")
    print("\n".join(map(shown, entries)))
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
