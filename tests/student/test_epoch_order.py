"""Which rows of a dataset take part, and in which order an epoch has them."""

from pathlib import Path

import pytest
from training_makers import answers, make_training, write_dataset
from transformers import AutoTokenizer

from student.data.mixing import Mix, Part, mix
from student.data.rendering import RowRenderer
from student.methods.order import EpochOrder, LengthOrder


def mixed(parts: list[Part], model: Path, cache: Path) -> Mix:
    return mix(parts, make_training(), (False, False), RowRenderer(AutoTokenizer.from_pretrained(model)), cache)


@pytest.mark.parametrize(("weight", "rows"), [(0.34, 3), (0.36, 4), (0.01, 1), (1, 10)])
def test_a_weight_is_the_nearest_number_of_rows(weight: float, rows: int, tiny_model: Path, tmp_path: Path) -> None:
    part = Part(write_dataset(tmp_path / "data", answers(10)), weight=weight)
    assert mixed([part], tiny_model, tmp_path / "cache").trained_rows == rows


def test_datasets_that_are_alike_give_other_rows(tiny_model: Path, tmp_path: Path) -> None:
    parts = [Part(write_dataset(tmp_path / name, answers(20)), weight=0.5) for name in ("a", "b")]
    drawn = [row for (row,) in mixed(parts, tiny_model, tmp_path / "cache").train]
    assert {row for row in drawn if row < 20} != {row - 20 for row in drawn if row >= 20}


@pytest.mark.parametrize("order", [EpochOrder(12, 12, 0, 0), LengthOrder([*range(1, 13)], 12, 3, 0)])
def test_each_epoch_has_all_rows_in_another_order(order: EpochOrder) -> None:
    epochs = []
    for order.epoch in range(3):
        epochs.append(list(order))
    assert all(sorted(epoch) == [*range(12)] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    order.epoch = 1
    assert list(order) == epochs[1]
