"""What searches by one scorer are worth as decoding: accuracy against tokens, beside what plain draws are worth.

A search is a point at the mean completion tokens of a problem, dropped paths included. Best-of-k, weighted majority and
majority are lines over k. A difference between a search and one of these is paired, and at the tokens of each problem's
own search."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from eval.metrics.comparison import matched
from eval.metrics.estimate import Estimate
from eval.metrics.judged import read_readings
from eval.metrics.samples import Classes, Samples
from eval.metrics.statistics import accuracy_of
from eval.scaling.by_samples import TOKENS
from eval.scaling.curve import Curve, point_of
from eval.scaling.equal_tokens import AtEqualTokens, at_equal_tokens, difference
from eval.scaling.reranking import BEST, MAJORITY, WEIGHTED, rerank_curves
from eval.scaling.scored import ScoredSamples
from records.errors import InputError
from records.parquet import read_batches

DRAWS = "whole draws that the search's tokens pay for"
SHORT = "problems with too few draws to spend the search's tokens on"


def read_search(judged: Path) -> Samples:
    """Read one judged search of each problem; its tokens are those of the whole search. Errors: InputError for traces
    that no search found, or several of a problem."""
    samples = read_readings(judged).strict
    tokens: dict[str, float] = {}
    for batch in read_batches(judged, ["problem_id", "searched"]):
        spent = pc.struct_field(batch["searched"], "completion_tokens").to_pylist()
        tokens |= dict(zip(batch["problem_id"].to_pylist(), spent, strict=True))
    if (samples.sizes != 1).any() or any(spent is None for spent in tokens.values()):
        raise InputError(f"{judged}: holds others than one search of each problem; delete it, to search anew")
    return replace(samples, tokens=np.array([tokens[name] for name in samples.problems], dtype=np.float64))


def search_curves(
    searches: Mapping[str, Samples], scored: ScoredSamples, scorer: str, equivalent: Classes | None
) -> list[Curve]:
    """Return the lines of plain draws, and a point for each search, with what it is worth at equal tokens as facts."""
    lines = [replace(one, chart="search", facts=[]) for one in rerank_curves(scored, scorer, equivalent)]
    return [*lines, *(search_point(name, one, scored, scorer, equivalent) for name, one in searches.items())]


def search_point(name: str, search: Samples, scored: ScoredSamples, scorer: str, equivalent: Classes | None) -> Curve:
    draws = matched(search, scored.samples, (name, "the plain draws"))
    equal = at_equal_tokens(search, draws, equivalent)
    point = point_of(float(equal.tokens.mean()), "", accuracy_of(search, "avg@1"))
    facts = [*against(name, equal), *spent(equal)]
    return Curve(chart="search", name=name, x=TOKENS, points=[point], facts=facts, scorer=scorer)


def against(name: str, equal: AtEqualTokens) -> Iterator[Estimate]:
    """Yield what the search gains over each way of choosing among plain draws."""
    ways = {BEST: equal.best_of, WEIGHTED: equal.weighted, MAJORITY: equal.majority}
    for way, values in ways.items():
        if values is not None:
            yield difference(gain_over(name, way), equal.searched, values)


def gain_over(name: str, way: str) -> str:
    """Return the metric of such a gain."""
    return f"{name} against {way} at equal tokens"


def spent(equal: AtEqualTokens) -> Iterator[Estimate]:
    n = len(equal.tokens)
    yield Estimate(DRAWS, float(equal.draws.mean()), n_problems=n, n_samples=n)
    yield Estimate(SHORT, float(equal.short.sum()), n_problems=n, n_samples=n)
