"""Makers of what a finished training tells: its log, its counts, its preflight."""

from collections.abc import Callable
from typing import Any

import numpy as np

from records.preflight import Dropped, Lengths, Preflight
from records.schemas import TRAINING_LOG
from records.training_counts import TrainingCounts
from records.training_log import TrainingLog


def make_log(steps: int = 20, **columns: Callable[[int], float | None]) -> TrainingLog:
    """A log with the loss, and other columns by a function of the step."""
    given = {"step": float, "loss": lambda step: 4.0 / step, **columns}
    at = range(1, steps + 1)
    return TrainingLog(
        {
            name: np.array([given[name](step) if name in given else None for step in at], dtype=np.float64)
            for name in TRAINING_LOG.names
        }
    )


def make_counts(**fields: Any) -> TrainingCounts:
    row = {"rows": 50, "dropped": {"too_long": 5}, "held_out_rows": 8, "packs": None, "steps": 20, "best_step": None}
    row |= {"loss": 0.71953, "held_out_loss": 0.5, "tokens": 123_456, "supervised_tokens": 100_000}
    row |= {"parameters": 9, "trainable_parameters": 9, "dtype": "float32", "device": "cpu", "merged_onto": None}
    return TrainingCounts(**row | {"trainer_s": 61.728} | fields)


def make_preflight(**fields: Any) -> Preflight:
    row: dict[str, Any] = dict.fromkeys(("no_think", "quoting", "duplicates", "tokens", "supervised_tokens"), 0)
    row |= {"rows": 55, "trained": 50, "switch": "/no_think", "special_tokens": None, "notes": [], "refusals": []}
    row |= {"dropped": {"too_long": Dropped(rows=5, first=["problem_id p1, sample_index 0"])}, "cost": None}
    row["lengths"] = Lengths(shortest=9, median=40, p95=120, longest=128, histogram={"64": 40, "128": 10})
    return Preflight(**row | fields)
