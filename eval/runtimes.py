"""Compares only what was sampled alike, and writes into every score what its model was sampled with.

Other engines, kernels and dtypes move scores more than the bits of the weights do (arXiv 2504.07086)."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from eval.variants import Comparison, comparisons
from records.errors import InputError
from records.rows import Score, Variant
from records.runtime import Runtime, in_words

Runtimes = Mapping[Variant, list[Runtime]]
"""What each variant was sampled with on one benchmark: several if earlier traces were taken over."""


def mixed_comparisons(benchmark: str, runtimes: Runtimes, allowed: bool) -> dict[Comparison, str]:
    """Return the comparisons of models that were not sampled alike, each with what differs.

    Errors: InputError if there is one and that is not allowed.
    """
    found: dict[Comparison, str] = {}
    for pair in comparisons(runtimes):
        differing = difference(pair, runtimes)
        if differing and not allowed:
            raise InputError(
                f"{benchmark}: {pair.variant} and {pair.yardstick} were not sampled alike ({differing}), which moves "
                "scores more than bits do; sample both in the same way, or compare them all the same with "
                "evaluation.mix_runtimes=true"
            )
        if differing:
            found[pair] = f"mixes runtimes: {differing}"
    return found


def difference(pair: Comparison, runtimes: Runtimes) -> str:
    """Return in words how the sampling of a pair differs; empty if it does not. Two models must have the same kernels
    and penalties; a model in two precisions must also be asked with the same template and end at the same tokens."""
    ours, theirs = runtimes[pair.variant], runtimes[pair.yardstick]
    aspects = [lambda one: one.kernels, lambda one: f"penalties {one.penalties}"]
    if pair.variant.model == pair.yardstick.model:
        aspects += [lambda one: f"stops at {sorted(one.stop_tokens)}", lambda one: f"template {one.template}"]
    for aspect in aspects:
        sides = [sorted({aspect(one) for one in side}) for side in (ours, theirs)]
        if sides[0] != sides[1] or len(sides[0]) != 1:
            return " against ".join(" and ".join(side) or "unknown" for side in sides)
    return ""


def label_runtimes(scores: list[Score], runtimes: Runtimes, mixed: Mapping[Comparison, str]) -> list[Score]:
    """Write into every score of a benchmark what its model was sampled with, and into a difference that mixes runtimes
    what differs."""
    why = {(pair.variant, pair.metric): told for pair, told in mixed.items()}
    return [
        replace(
            score,
            runtime=in_words(runtimes[score.variant]),
            why=". ".join(filter(None, [score.why, why.get((score.variant, score.metric), "")])),
        )
        for score in scores
    ]


def runtime_rows(benchmark: str, runtimes: Runtimes) -> list[dict[str, Any]]:
    """Return the fields of every runtime, as rows for `runtimes.json`."""
    return [
        {"benchmark": benchmark, "model": variant.model, "precision": variant.precision, **asdict(one)}
        for variant, several in runtimes.items()
        for one in several
    ]
