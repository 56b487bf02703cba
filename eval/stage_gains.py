"""Compares every training stage's model with the one that the stage started from."""

from collections.abc import Sequence

from eval.paired import Measured, pairs_of
from eval.variants import Comparison
from records.comparisons import StageGain, StageStart
from records.rows import Variant


def stage_gains(measured: Measured, started: Sequence[StageStart], confidence: float) -> list[StageGain]:
    """Return what each stage brought. Errors: InputError if compared models were measured on different problems of a
    benchmark."""
    gains = []
    for one in started:
        pair = Comparison("gain", Variant(one.model, "full"), Variant(one.start, "full"))
        gains.append(StageGain(started=one, pairs=list(pairs_of(measured, pair, confidence))))
    return gains
