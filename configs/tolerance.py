"""Settings that say how much accuracy a quantized model may lose."""

from pydantic import Field

from configs.section import Section


class Tolerance(Section):
    """What counts as no loss. Without a tolerance no number of samples could show that nothing was lost."""

    points: float = Field(default=1.0, gt=0, le=100)
    """Percentage points of accuracy, over all benchmarks, that a quantized model may lose."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """How certain it must be that the loss is smaller: the one-sided bound of the loss lies below `points`."""
