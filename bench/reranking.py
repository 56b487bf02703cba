"""Trains a config's student and scorers with several seeds, and shows what each scorer is worth as a reranker.

    python -m bench.reranking [configs/demo/scorers.yaml] [key.path=value …] [--seeds 1 2 3] [--run-dir DIR]
        [--json FILE]

All runs lie in one run directory: what does not depend on the seed is made once, and the same command continues an
interrupted measurement. Majority, best-of-n and weighted majority choose among the same n samples, so they are compared
at equal sampled tokens. A difference to the majority has two intervals: over the problems, each with the mean of its
differences with all seeds (what holds for other problems with these trainings), and Student's t over the seeds (what
holds for other trainings on the same problems).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.by_seed import parser_of, run_with_seed, with_each_seed
from bench.reranking_table import markdown, summary
from configs.measuring import STUDENT
from eval.metrics.judged import read_readings
from eval.metrics.statistics import AtK, best_at, majorities_at
from eval.scaling.calibration import calibration_curve
from eval.scaling.reranking import BEST, MAJORITY, WEIGHTED
from eval.scaling.scored import ScoredSamples, with_scores
from filters.answer_classes import equivalent_answers
from flows.stages.curves import Reranked
from records.errors import InputError

FIRST = "one sample"


@dataclass(frozen=True, slots=True)
class SeedRun:
    """What one seed's run gave. Made by `measure`; read by the tables."""

    values: dict[str, dict[str, float]]
    """By way of choosing and then by problem: the chance that the chosen answer is right."""
    facts: dict[str, dict[str, float]]
    """By scorer: areas under the ROC curve, shares of flagged samples, tokens read."""
    n: int
    """Samples of a problem."""


def measure(config: str, overrides: Sequence[str], seed: int) -> SeedRun:
    """Run the pair with one seed in every training stage. Errors: InputError if the config reranks nothing."""
    curves = run_with_seed(config, overrides, seed).curves
    reranked = [one for one in curves.reranked if one.measured.variant.model == STUDENT] if curves else []
    if not reranked:
        raise InputError(f"{config}: reranks no samples of the student; set evaluation.n above 1 and evaluation.rerank")
    return read(reranked)


def read(reranked: Sequence[Reranked]) -> SeedRun:
    """Read the judged samples and their scores of every scorer and benchmark."""
    values: dict[str, dict[str, float]] = {}
    facts: dict[str, dict[str, float]] = {}
    sizes = set[int]()
    for one in reranked:
        judged, scored = one.measured.judged.path, one.scored
        found = with_scores(read_readings(judged).strict, scored.path, scored.scorer.aggregate)
        sizes.add(int(found.samples.sizes.min()))
        for name, by_problem in chosen(found, scored.scorer_name).items():
            values.setdefault(name, {}).update(by_problem)
        facts[scored.scorer_name] = facts_of(found, scored.scorer_name)
    if len(sizes) > 1:
        raise InputError(f"benchmarks with different numbers of samples ({sorted(sizes)}) make no common table")
    return SeedRun(values, facts, sizes.pop())


def chosen(scored: ScoredSamples, scorer: str) -> dict[str, dict[str, float]]:
    """Return each problem's chance of a right answer by way of choosing among all of its samples."""
    samples = scored.samples
    n = int(samples.sizes.min())
    assert samples.scores is not None, "made with scores"
    right, decided = samples.counts()
    weights = np.where(scored.has_score, samples.scores, 0.0)
    [plain] = majorities_at(samples, [n], equivalent_answers)
    [weighted] = majorities_at(samples, [n], equivalent_answers, weights, WEIGHTED)
    ways = {MAJORITY: plain, f"{BEST}, {scorer}": best_at(samples, n), f"{WEIGHTED}, {scorer}": weighted}
    first = {samples.problems[at]: float(right[at] / decided[at]) for at in np.flatnonzero(decided)}
    return {FIRST: first} | {name: by_problem(one, samples.problems) for name, one in ways.items()}


def by_problem(found: AtK, problems: Sequence[str]) -> dict[str, float]:
    return {problems[at]: float(value) for at, value in zip(found.problems, found.values, strict=True)}


def facts_of(scored: ScoredSamples, scorer: str) -> dict[str, float]:
    facts = {fact.metric: fact.value for fact in calibration_curve(scored, scorer).facts if fact.value is not None}
    return facts | {"tokens read": scored.tokens, "unscored": float(1 - scored.has_score.mean())}


def main() -> None:
    parser = parser_of(__doc__, "configs/demo/scorers.yaml")
    arguments = parser.parse_intermixed_args()
    found = with_each_seed(parser, arguments, measure, told=lambda run: run.facts)
    table = summary({seed: (run.values, run.facts) for seed, run in found.items()})
    print("\n".join(markdown(table, n=next(iter(found.values())).n)))
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
