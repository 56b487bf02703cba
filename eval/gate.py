"""Checks the conditions without which a run fails although everything is built."""

from configs.gate import Gate
from eval.paired import ALL
from eval.tolerance import WITHIN, find, loss
from records.comparisons import Comparisons, Paired

STUDENT, FULL = "student", "full"


def unmet(gate: Gate, found: Comparisons) -> list[str]:
    """Return a line for every condition that is not shown to be met, with its figures; empty if all are met.

    What cannot be told is not met: a gate that lets through what nobody knows would be none.
    """
    lines = []
    if gate.beats_base:
        gain = next(
            (one for one in found.gains if (one.benchmark, one.model, one.precision) == (ALL, STUDENT, FULL)), None
        )
        lines += unless_better(gain, found.confidence)
    changes = {
        pair.precision: pair
        for model in found.quantized
        for pair in model.pairs
        if (model.model, pair.benchmark) == (STUDENT, ALL)
    }
    for precision, points in gate.quantized_within.items():
        lines += unless_within(precision, changes.get(precision), points, found.confidence)
    return lines


def unless_better(gain: Paired | None, confidence: float) -> list[str]:
    opening = "gate.beats_base: the student is not shown to be better than its base"
    if gain is None or gain.at_least is None:
        return [f"{opening}: {gain.change.why if gain else 'not computed: the two were not both measured'}"]
    if gain.at_least > 0:
        return []
    return [
        f"{opening}: it gains {points_of(gain)} on {gain.n_problems:,} problems, at least "
        f"{signed(gain.at_least)} with {confidence:.0%} confidence"
    ]


def unless_within(precision: str, pair: Paired | None, points: float, confidence: float) -> list[str]:
    opening = f"gate.quantized_within.{precision}: the student is not shown to lose less than {points:g} points"
    if pair is None or pair.at_least is None:
        return [f"{opening}: {pair.change.why if pair else f'not computed: {precision} was not measured'}"]
    found = find(pair, points, confidence)
    if found.outcome == WITHIN:
        return []
    told = f"{opening}: it loses {loss(pair)} on {pair.n_problems:,} problems, at most {-100 * pair.at_least:.2f} with "
    return [f"{told}{confidence:.0%} confidence" + (f"; {found.needs}" if found.needs else "")]


def points_of(pair: Paired) -> str:
    """Format a gain with its interval, such as `+3.20 [+1.10, +5.30] points`."""
    value, low, high = (signed(bound or 0) for bound in (pair.change.value, pair.change.low, pair.change.high))
    return f"{value} [{low}, {high}] points"


def signed(share: float) -> str:
    return f"{100 * share:+z.2f}".replace("-", "−")
