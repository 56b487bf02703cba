"""Sets what a training was estimated to take beside what it took."""

from records.durations import duration
from records.preflight import CostEstimate
from records.training_counts import CPU, TrainingCounts
from records.training_log import TrainingLog
from student.cost.device import ASSUMED_MFU, GIB, seconds_on


def estimated_and_measured(
    cost: CostEstimate | None, counts: TrainingCounts, log: TrainingLog
) -> list[tuple[str, str, str]]:
    """Return quantity, estimate and measurement, each in words; nothing without an estimate. It is for one GPU: on the
    CPU there is neither a peak to set beside it nor an estimate of the time."""
    if cost is None:
        return []
    on_gpu = counts.device != CPU
    expected = seconds_on(counts.device, cost) if on_gpu else None
    time = f"{duration(expected)} at {100 * ASSUMED_MFU:.0f} % of the peak" if expected else "none for this device"
    memory = peak_of(log, counts.device) if on_gpu else "none: it ran on the CPU"
    return [
        ("peak memory of one GPU", f"{cost.memory_bytes / GIB:.1f} GiB", memory),
        ("tokens of all steps", f"{cost.tokens:,}", f"{counts.tokens:,}"),
        ("time", time, f"{duration(counts.trainer_s)}, with evaluation and saving"),
    ]


def peak_of(log: TrainingLog, gpu: str) -> str:
    memory = log.largest("memory_gib")
    return "not logged" if memory is None else f"{memory:.1f} GiB ({gpu})"
