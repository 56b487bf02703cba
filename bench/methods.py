"""Trains a config's stages anew with several seeds, and shows what every stage brought.

    python -m bench.methods [configs/demo/methods.yaml] [key.path=value …] [--seeds 1 2 3] [--run-dir DIR] [--json FILE]
    python -m bench.methods … --pairs on_policy_sft:more_sft stored:sft

All runs lie in one run directory: traces and bases are made once, and the same command continues an interrupted
measurement. A stage's score is the share of right answers over all benchmark problems. Differences are paired by seed,
with a Student's t interval over the seeds: what holds for other seeds on the same problems. Each stage is compared with
the one that it starts from, and with those of `--pairs`.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.by_seed import parser_of, run_with_seed, with_each_seed
from bench.seeds import paired, score_of, spread
from configs.load import load_config
from configs.measuring import BASE, STUDENT
from configs.schema import Config
from flows.trained import trainings_behind
from records.artifact import read_counts
from records.errors import InputError
from records.training_counts import TrainingCounts


def measure(config: str, overrides: Sequence[str], seed: int) -> dict[str, dict[str, float]]:
    """Run the pair with one seed in every stage. Return each model's score in percent, and the seconds of its training
    where it is one of the run's stages."""
    run = run_with_seed(config, overrides, seed)
    if run.scores is None:
        raise InputError(f"{config} has no benchmarks, so there is no score to measure")
    rows = json.loads((run.scores.path / "scores.json").read_text())
    found = {name: {"score": round(100 * score_of(rows, name), 2)} for name in {row["model"] for row in rows}}
    for stage in trainings_behind(run.report):
        name = STUDENT if stage == run.student else stage.training.name
        found[name]["trainer_s"] = read_counts(stage.artifact, TrainingCounts).trainer_s
    return found


def starts(config: Config) -> dict[str, str]:
    """Return the model that each stage starts from, by the stage's name; the last stage is the student."""
    names: dict[str, str] = {}
    before = BASE
    for stage in config.training:
        names[stage.name] = before if stage.start == "previous" else stage.start
        before = stage.name
    last = config.training[-1].name
    return {STUDENT if name == last else name: start for name, start in names.items()}


def lines_of(found: dict[int, dict[str, dict[str, float]]], pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return the tables in Markdown. `found` holds the models of each seed."""
    seeds = list(found)
    names = [name for name in found[seeds[0]] if all(name in models for models in found.values())]
    lines = ["| model | " + " | ".join(f"seed {seed}" for seed in seeds) + " | over the seeds | training |"]
    lines.append("|---|" + "--:|" * len(seeds) + "---|--:|")
    for name in names:
        scores = [found[seed][name]["score"] for seed in seeds]
        seconds = [found[seed][name].get("trainer_s", 0) for seed in seeds]
        shown = " | ".join(f"{score:.1f}" for score in scores)
        lines.append(f"| {name} | {shown} | {spread(scores)} | {sum(seconds) / len(seconds):,.0f} s |")
    lines += ["", "| difference | points | interval |", "|---|--:|---|"]
    for one, other in pairs:
        mean, low, high = paired(*([found[seed][name]["score"] for seed in seeds] for name in (other, one)))
        verdict = "" if low > 0 or high < 0 else ": not shown to differ"
        lines.append(f"| {one} - {other} | {mean:+.1f} | {low:+.1f} to {high:+.1f}{verdict} |")
    return lines


def comparable(
    found: dict[int, dict[str, dict[str, float]]], pairs: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the pairs of models that were measured with every seed, each once."""
    measured = set.intersection(*(set(models) for models in found.values()))
    return [pair for pair in dict.fromkeys(pairs) if measured.issuperset(pair)]


def pair_of(text: str) -> tuple[str, str]:
    one, _, other = text.partition(":")
    return one, other


def main() -> None:
    parser = parser_of(__doc__, "configs/demo/methods.yaml")
    parser.add_argument("--pairs", type=pair_of, nargs="+", default=[], metavar="ONE:OTHER")
    arguments = parser.parse_args()
    config = load_config(Path(arguments.config), arguments.overrides)
    found = with_each_seed(parser, arguments, measure, told=dict)
    wanted = [*starts(config).items(), *arguments.pairs]
    pairs = comparable(found, wanted)
    for one, other in arguments.pairs:
        if (one, other) not in pairs:  # a round that ended the rounds goes by the student's name
            print(f"{one}:{other}: not compared, because not every seed has scores of both", file=sys.stderr)
    print("\n".join(lines_of(found, pairs)))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
