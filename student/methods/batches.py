"""Divides a training's batches among processes, so that each step trains on the rows that one process would take.

Under torch's data parallelism each process takes batches of its own. Retort keeps the rows of an optimizer step: of
`per_device_train_batch_size` x `gradient_accumulation_steps`, as a config says them, each process takes its part.
"""

import math
from collections.abc import Sequence
from typing import Any, TypeVar

from records.errors import InputError

Item = TypeVar("Item")

BATCH, STEPS = "per_device_train_batch_size", "gradient_accumulation_steps"
HELD_OUT_BATCH = "per_device_eval_batch_size"


def divided(settings: dict[str, Any], parts: int) -> dict[str, Any]:
    """Return the settings of one of `parts` processes that read different rows: fewer accumulated batches, and smaller
    ones if these do not suffice. Errors: InputError if the batch cannot be divided."""
    rows, steps = int(settings.get(BATCH, 1)), int(settings.get(STEPS, 1))
    shared = math.gcd(steps, parts)
    if rows % (parts // shared):
        batch = rows * steps
        fits = ", ".join(str(number) for number in range(1, batch + 1) if batch % number == 0)
        below = batch // parts * parts
        near = f"{below} or {below + parts}" if below else str(parts)
        raise InputError(
            f"a batch of {batch} rows ({BATCH} {rows} x {STEPS} {steps}) cannot be divided among {parts} processes: "
            f"take {fits} of them (launch.processes), or a batch of {near} rows"
        )
    held_out = int(settings.get(HELD_OUT_BATCH, rows))
    smaller = {HELD_OUT_BATCH: max(1, held_out // parts)} if HELD_OUT_BATCH in settings else {}
    return settings | {BATCH: rows // (parts // shared), STEPS: steps // shared} | smaller


def fillers(rows: int, batch: int, parts: int) -> int:
    """Return how many empty rows fill up the last batches of an epoch, so that all processes have equally many.

    Without them accelerate would repeat the first rows of the epoch. One process needs none.
    """
    return -rows % (batch * parts) if parts > 1 else 0


def interleaved(parts: Sequence[list[list[Item]]]) -> list[Item]:
    """Return the rows of a step in the order in which one process would take them, from the batches of each process:
    accelerate hands out batches in turn."""
    return [row for turn in zip(*parts, strict=True) for batch in turn for row in batch]
