"""Decides whether a round of training brought something, and says so."""

from collections.abc import Sequence

from eval.gate import points_of
from eval.metrics.readings import Readings
from eval.paired import pairs_of
from eval.variants import BASE, Comparison
from records.comparisons import Paired
from records.rounds import RoundCheck
from records.rows import Variant

CONFIDENCE = 0.95


def compare_round(benchmark: str, models: tuple[Variant, Variant], readings: tuple[Readings, Readings]) -> Paired:
    """Compare a round's model with the one that it learned from, problem by problem. Errors: InputError if they were
    measured on different problems."""
    ours, before = models
    measured = {benchmark: dict(zip(models, readings, strict=True))}
    *_, found = pairs_of(measured, Comparison("gain", ours, before), CONFIDENCE)
    return found


def grew(check: RoundCheck) -> bool:
    """Return True if the round is shown to be better: the paired 95 % interval lies above 0."""
    return check.pair.change.low is not None and check.pair.change.low > 0


def told(check: RoundCheck) -> str:
    """Return what a check found in one line, such as `star: round 2 brought +0.40 [-1.10, +1.90] points …`."""
    opening = f"{check.stage}: round {check.number}"
    if check.pair.change.value is None:
        return f"{opening} cannot be compared with {check.before} ({check.pair.change.why}): stopped"
    figures = f"{points_of(check.pair)} over {check.before} on {check.pair.benchmark}"
    ending = "shown to grow" if grew(check) else "not shown to bring anything: stopped"
    return f"{opening} brought {figures}, {ending}"


def kept_round(checks: Sequence[RoundCheck]) -> int:
    """Return the number of the round that is kept, of the checks of one stage: the last one that is shown to be better
    than the model that it learned from. If none is, that is 0 for the model before the first round; the base is no
    student, so the first round is kept after it."""
    last = max((check.number for check in checks if grew(check)), default=0)
    return last or (1 if checks[0].before == BASE.model else 0)


def kept_line(checks: Sequence[RoundCheck]) -> str:
    """Return what is kept and why, of the checks of one stage; empty if there are none."""
    if not checks:
        return ""
    stage, kept = checks[0].stage, kept_round(checks)
    if kept and grew(checks[kept - 1]):
        return f"{stage}: round {kept} is kept, the last one shown to grow"
    what = "round 1" if kept else checks[0].before
    return f"{stage}: {what} is kept, because no round is shown to bring anything"
