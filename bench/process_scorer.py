"""Trains process scorers on labelled solutions, and measures them on solutions of other problems.

    python -m bench.process_scorer [--train DIR] [--test DIR] [--seeds 1 2 3] [--json FILE]
    python -m bench.process_scorer … [--hidden N] [--layers N] [--pretrain-epochs N] [--epochs N] [--limit N]

DIR: a folder as `../shared/data/steps` (bench/step_sets.py). With `--test`, every seed trains on all of the one folder,
less the problems of the other, and is tested on all of the other. Without, the problems are divided into as many parts
as there are seeds, and each part is the test of one training on the others. `--limit` takes so many solutions of a set.

The threshold below which a step is called wrong is chosen for each set on problems of the training side that are not
trained on. Beside the scorer stand always-right, a step or none at random, the number of steps alone, the exact check
of equations, and both of its combinations with the scorer.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.step_methods import Scored, baselines, thresholded
from bench.step_sets import Solution, all_labelled
from bench.step_split import Split, across, folds
from bench.step_tables import Rows, merged, table
from bench.step_training import Recipe, step_scores, train_scorer


def measured(split: Split, recipe: Recipe, folder: Path) -> tuple[Rows, dict[str, int]]:
    """Train with one seed. Return what every method says of the test, and how many of its solutions are too long."""
    model = train_scorer(folder, split.train, recipe, split.seed)
    sides: list[list[Scored]] = []
    too_long: dict[str, int] = defaultdict(int)
    for solutions in (split.dev, split.test):
        scores = step_scores(model, solutions)
        sides.append([Scored(one, found) for one, found in zip(solutions, scores, strict=True) if found is not None])
        if solutions is split.test:
            for one, found in zip(solutions, scores, strict=True):
                too_long[one.set] += found is None
    dev, test = sides
    rows: Rows = defaultdict(list)
    for method, said in (baselines(test, split.seed) | thresholded(dev, test)).items():
        for scored, word in zip(test, said, strict=True):
            rows[scored.solution.set, method].append(word)
    return rows, dict(too_long)


def limited(solutions: Sequence[Solution], most: int | None) -> list[Solution]:
    taken: dict[str, list[Solution]] = defaultdict(list)
    for one in solutions:
        taken[one.set].append(one)
    return [one for several in taken.values() for one in several[:most]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, default=Path("../shared/data/steps"))
    parser.add_argument("--test", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=(1, 2, 3))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--hidden", type=int, default=Recipe.hidden)
    parser.add_argument("--layers", type=int, default=Recipe.layers)
    parser.add_argument("--pretrain-epochs", type=float, default=Recipe.pretrain_epochs)
    parser.add_argument("--epochs", type=float, default=Recipe.epochs)
    parser.add_argument("--learning-rate", type=float, default=Recipe.learning_rate)
    arguments = parser.parse_args()
    if len(set(arguments.seeds)) < max(2, len(arguments.seeds)):
        parser.error("--seeds takes two different numbers or more")
    recipe = Recipe(**{name: getattr(arguments, name) for name in asdict(Recipe())})
    train = limited(all_labelled(arguments.train), arguments.limit)
    test = limited(all_labelled(arguments.test), arguments.limit) if arguments.test else None
    splits = folds(train, arguments.seeds) if test is None else across(train, test, arguments.seeds)
    parts, too_long = list[Rows](), list[dict[str, int]]()
    for split in splits:
        with tempfile.TemporaryDirectory() as folder:
            rows, left_out = measured(split, recipe, Path(folder))
        parts.append(rows)
        too_long.append(left_out)
        sizes = f"train {len(split.train)}, dev {len(split.dev)}, test {len(split.test)}"
        print(f"seed {split.seed}: {sizes}; too long of the test: {left_out}", flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(as_json(splits, parts, too_long)) + "\n")
    print("\n".join(["", *table(merged(parts), parts)]))


def as_json(splits: Sequence[Split], parts: Sequence[Rows], too_long: Sequence[dict[str, int]]) -> list[dict[str, Any]]:
    """Return what was said of every solution by the seeds that are done."""
    return [
        {
            "seed": split.seed,
            "too_long": left_out,
            "said": {f"{name}: {method}": [asdict(one) for one in said] for (name, method), said in rows.items()},
        }
        for split, rows, left_out in zip(splits, parts, too_long, strict=False)
    ]


if __name__ == "__main__":
    main()
