"""Sets what a training was estimated to take beside what it took."""

from records.durations import duration
from records.preflight import CostEstimate
from records.training_counts import TrainingCounts
from records.training_log import TrainingLog
from student.cost.device import ASSUMED_MFU, GIB, seconds_on

CPU = "cpu"


def estimate_rows(cost: CostEstimate, counts: TrainingCounts, log: TrainingLog) -> list[tuple[str, str, str]]:
    """Return quantity, estimate and measurement, each in words. The estimate is for one GPU: on the CPU there is
    neither a peak to set beside it nor an estimate of the time."""
    on_gpu, memory = counts.device != CPU, log.largest("memory_gib")
    expected = seconds_on(counts.device, cost) if on_gpu else None
    peak = f"{memory:.1f} GiB ({counts.device})" if on_gpu and memory is not None else "none: it ran on the CPU"
    time = f"{duration(expected)} at {100 * ASSUMED_MFU:.0f} % of the peak" if expected else "none for this device"
    return [
        ("peak memory of one GPU", f"{cost.memory_bytes / GIB:.1f} GiB", peak),
        ("tokens of all steps", f"{cost.tokens:,}", f"{counts.tokens:,}"),
        ("time", time, f"{duration(counts.trainer_s)}, with evaluation and saving"),
    ]
