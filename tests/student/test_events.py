"""TensorBoard reads the metrics of every step once, over several attempts."""

from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from training_makers import answers, fit, make_training, write_dataset


def test_every_step_once(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    training = make_training(held_out=2)

    def die(done: int, total: int | None, note: str = "", **_: Any) -> None:
        if done == 5 and not note:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "out", tiny_model, data, training, die)
    fit(tmp_path / "out", tiny_model, data, training)
    events = EventAccumulator(str(tmp_path / "out" / "training" / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("train/loss")] == [1, 2, 3, 4, 5, 6]
    assert {event.step for event in events.Scalars("held_out/loss")} == {2, 4, 6}
    assert "train/tokens_per_s" in events.Tags()["scalars"]
