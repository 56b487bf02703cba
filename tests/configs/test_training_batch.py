"""How many rows a training step takes by its settings."""

from typing import Any

import pytest

from configs.training import batch_of


@pytest.mark.parametrize(
    ("rows", "steps", "batch"),
    [(None, None, 1), (4, None, 4), (None, 3, 3), (4, 3, 12), ("4", 3, 1), (4, "3", 1), ("4", "3", 1)],
)
def test_a_batch_is_rows_times_steps_and_1_until_both_are_numbers(rows: Any, steps: Any, batch: int) -> None:
    settings = {"per_device_train_batch_size": rows, "gradient_accumulation_steps": steps}
    assert batch_of({name: value for name, value in settings.items() if value is not None}) == batch
