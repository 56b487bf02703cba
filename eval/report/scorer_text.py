"""Says in words what was computed about a scorer."""

from collections.abc import Callable

from eval.metrics.auc import OVERALL, WITHIN
from eval.metrics.estimate import Estimate
from eval.scaling.calibration import FLAG, FLAGGED_RIGHT, FLAGGED_WRONG
from eval.scaling.reranking import READ


def tokens_read(fact: Estimate) -> str:
    return f"The scorer reads {fact.value:,.0f} tokens for each sample, beside those that were sampled."


def area(fact: Estimate) -> str:
    bounds = "" if fact.low is None or fact.high is None else f" [{fact.low:.3f}, {fact.high:.3f}]"
    return f"{fact.metric}: {fact.value:.3f}{bounds}, of {fact.n_problems:,} problems."


def flagged(fact: Estimate) -> str:
    bounds = "" if fact.low is None or fact.high is None else f" [{100 * fact.low:.1f}, {100 * fact.high:.1f}]"
    which = "right" if fact.metric == FLAGGED_RIGHT else "wrong"
    share = f"{100 * (fact.value or 0.0):.1f}%{bounds}"
    return f"A step scores below {FLAG} in {share} of the samples with a {which} answer."


SENTENCES: dict[str, Callable[[Estimate], str]] = {
    READ: tokens_read,
    OVERALL: area,
    WITHIN: area,
    FLAGGED_RIGHT: flagged,
    FLAGGED_WRONG: flagged,
}
"""By metric: a sentence about a fact that was computed."""
