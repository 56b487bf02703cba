"""What a training was estimated to take stands beside what it took."""

import numpy as np
import pytest
from trained_makers import make_counts, make_log

from records.preflight import CostEstimate
from student.cost.measured import estimated_and_measured

COST = CostEstimate(memory_bytes=int(12.6 * 2**30), moment="step", tokens=1_000_000, flops=3.0e18)


def test_on_a_gpu_everything_has_both_sides() -> None:
    counts = make_counts(device="NVIDIA H200", tokens=990_000, trainer_s=9_000.0)
    log = make_log(3, memory_gib=lambda step: 12.0 + step / 10)
    assert estimated_and_measured(COST, counts, log) == [
        ("peak memory of one GPU", "12.6 GiB", "12.3 GiB (NVIDIA H200)"),
        ("tokens of all steps", "1,000,000", "990,000"),
        # 3e18 FLOPs at 35 % of 989e12 FLOP/s
        ("time", "2:24:27 at 35 % of the peak", "2:30:00, with evaluation and saving"),
    ]


def test_on_the_cpu_the_memory_of_a_gpu_is_not_measured() -> None:
    log = make_log(3, memory_gib=float)
    rows = estimated_and_measured(COST, make_counts(trainer_s=12.34), log)
    assert [row[1:] for row in rows] == [
        ("12.6 GiB", "none: it ran on the CPU"),
        ("1,000,000", "123,456"),
        ("none for this device", "12.3 s, with evaluation and saving"),
    ]


@pytest.mark.parametrize("memory", [None, np.nan])
def test_a_gpu_that_no_table_knows(memory: float | None) -> None:
    rows = estimated_and_measured(COST, make_counts(device="Some GPU"), make_log(3, memory_gib=lambda _: memory))
    assert (rows[0][2], rows[2][1]) == ("not logged", "none for this device")
