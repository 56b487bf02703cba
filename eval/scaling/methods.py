"""What each way to spend a search's tokens is worth to every problem, and which of them is best for some problems."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.beta_binomial import Floats
from eval.metrics.samples import Classes, Samples
from eval.scaling.equal_tokens import at_equal_tokens, decided
from eval.scaling.reranking import BEST, MAJORITY, WEIGHTED

AS_CHEAP = 1.02
"""A search that takes at most this many times the tokens of another one is affordable for them."""
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Method:
    """One value for each problem."""

    values: Floats
    """Chance of a right answer; NaN without a verdict."""
    tokens: Floats
    samples: Floats
    """Samples behind each value, for its interval."""
    plain: bool
    """True if it chooses among as many plain draws as the tokens pay for."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one search spends, and the methods that compete for it."""

    name: str
    """That of the search."""
    tokens: Floats
    """What it spends on each problem."""
    methods: dict[str, Method]

    def affordable(self, rows: Rows) -> dict[str, Method]:
        """Return the methods that cost no more than the search, on average over some problems."""
        most = AS_CHEAP * self.tokens[rows].mean()
        return {name: one for name, one in self.methods.items() if one.plain or one.tokens[rows].mean() <= most}

    def best_first(self, rows: Rows) -> list[str]:
        """Return the affordable methods by what they are worth to some problems; of equals the cheaper one is first."""
        there = self.affordable(rows)
        return sorted(there, key=lambda name: (-there[name].values[rows].mean(), there[name].tokens[rows].mean()))

    def take(self, kept: Rows) -> "Budget":
        methods = {
            name: Method(one.values[kept], one.tokens[kept], one.samples[kept], one.plain)
            for name, one in self.methods.items()
        }
        return Budget(self.name, self.tokens[kept], methods)

    @property
    def comparable(self) -> Rows:
        """Return which problems have a value by every method."""
        return np.all([~np.isnan(one.values) for one in self.methods.values()], axis=0)


def budget_of(name: str, searches: Mapping[str, Samples], draws: Samples, equivalent: Classes | None) -> Budget:
    """Return what a search's tokens may be spent on: it, the other searches, or plain draws. All hold the same problems
    in the same order."""
    equal = at_equal_tokens(searches[name], draws, equivalent)
    ways = {BEST: equal.best_of, WEIGHTED: equal.weighted, MAJORITY: equal.majority}
    sizes = draws.sizes.astype(np.float64)
    methods = {
        way: Method(values, equal.drawn_tokens, sizes, plain=True) for way, values in ways.items() if values is not None
    }
    for other, found in searches.items():
        assert found.tokens is not None, "read with tokens"
        methods[other] = Method(decided(found), found.tokens, np.ones(len(found.problems)), plain=False)
    return Budget(name, equal.tokens, methods)
