"""Accuracy against the thinking tokens that were really spent, over the budgets under which the same draws answered."""

import numpy as np

from eval.metrics.beta_binomial import Floats
from eval.metrics.comparison import matched
from eval.metrics.estimate import Estimate, not_computed
from eval.metrics.samples import Samples
from eval.metrics.statistics import accuracy_of
from eval.scaling.curve import Curve, point_of
from eval.scaling.enough import what_more_gives
from eval.scaling.log_linear import SLOPE, log_linear

THINKING_TOKENS = "thinking tokens"
NO_BUDGET = "no budget"
WAIT = "wait "
"""Begins the labels of draws that were told to go on. What they add is another thing than what a cut leaves."""


def thinking_curve(budgets: dict[str, Samples], name: str = "accuracy") -> Curve:
    """Return the curve over budgets, by label; the empty label is that of draws without a budget. The samples' tokens
    are those of their reasoning. Errors: InputError if the budgets have different problems."""
    labels = list(budgets)
    first = budgets[labels[0]]
    measured = []
    for label, samples in budgets.items():
        alike = matched(first, samples, (label_of(labels[0]), label_of(label)))
        measured.append((float(spent_on(alike).mean()), label_of(label), alike))
    measured.sort(key=lambda one: one[0])
    tokens = [spent for spent, _, _ in measured]
    points = [point_of(spent, label, accuracy_of(samples, label)) for spent, label, samples in measured]
    facts = fit([samples for _, label, samples in measured if not label.startswith(WAIT)])
    facts += what_more_gives([(label, samples) for _, label, samples in measured], tokens)
    return Curve(chart="thinking", name=name, x=THINKING_TOKENS, points=points, facts=facts)


def label_of(budget: str) -> str:
    return budget or NO_BUDGET


def fit(budgets: list[Samples]) -> list[Estimate]:
    """Fit a line to the problems that have a verdict under every one of these budgets."""
    if len(budgets) < 2:
        return [not_computed(SLOPE, "it takes two budgets")]
    counts = [samples.counts() for samples in budgets]
    kept = np.all([decided > 0 for _, decided in counts], axis=0)
    if not kept.any():
        return [not_computed(SLOPE, "no problem has a verdict under every budget")]
    rates = np.stack([right[kept] / decided[kept] for right, decided in counts], axis=1)
    tokens = np.stack([spent_on(samples)[kept] for samples in budgets], axis=1)
    return log_linear(rates, tokens, int(sum(decided[kept].sum() for _, decided in counts)))


def spent_on(samples: Samples) -> Floats:
    """Return the mean tokens of each problem's samples."""
    assert samples.tokens is not None, "checked by whoever read them"
    return samples.sums(samples.tokens) / samples.sizes
