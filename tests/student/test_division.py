"""Any number of processes trains on the rows of one process, step by step: with accelerate's own sampler for each."""

import pytest
from accelerate.data_loader import BatchSamplerShard
from torch.utils.data import BatchSampler

from records.errors import InputError
from student.methods.batches import divided, fillers, interleaved
from student.methods.order import EpochOrder


def steps_of(count: int, rows: int, steps: int, processes: int) -> list[list[int]]:
    """Return the rows of each step of an epoch, as the trainer records them."""
    settings = {"per_device_train_batch_size": rows, "gradient_accumulation_steps": steps}
    own = divided(settings, processes)
    batch, accumulated = own["per_device_train_batch_size"], own["gradient_accumulation_steps"]
    parts = []
    for rank in range(processes):
        order = EpochOrder(count, count, fillers(count, batch, processes), seed=3)
        order.epoch = 1
        sampler = BatchSampler(order, batch, drop_last=False)
        shard = BatchSamplerShard(sampler, processes, rank) if processes > 1 else sampler
        batches = [[row for row in one if row < count] for one in shard]
        parts.append([batches[at : at + accumulated] for at in range(0, len(batches), accumulated)])
    assert len({len(part) for part in parts}) == 1, "as many steps in each process"
    return [interleaved(step) for step in zip(*parts, strict=True)]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 24, 25])
@pytest.mark.parametrize(
    ("rows", "steps", "processes"),
    [(1, 4, 2), (1, 4, 4), (2, 2, 2), (2, 2, 4), (4, 1, 2), (4, 2, 8), (3, 2, 6), (2, 3, 3)],
)
def test_every_step_has_the_rows_of_one_process(count: int, rows: int, steps: int, processes: int) -> None:
    one, several = (steps_of(count, rows, steps, number) for number in (1, processes))
    assert several == one
    assert sorted(row for step in several for row in step) == list(range(count)), "none twice, none left out"


@pytest.mark.parametrize(
    ("rows", "steps", "processes", "own"),
    [(1, 8, 2, (1, 4)), (8, 1, 2, (4, 1)), (2, 4, 4, (2, 1)), (4, 2, 4, (2, 1)), (1, 1, 1, (1, 1)), (3, 2, 2, (3, 1))],
)
def test_accumulation_is_divided_before_the_batch(rows: int, steps: int, processes: int, own: tuple[int, int]) -> None:
    found = divided({"per_device_train_batch_size": rows, "gradient_accumulation_steps": steps}, processes)
    assert (found["per_device_train_batch_size"], found["gradient_accumulation_steps"]) == own


@pytest.mark.parametrize(
    ("rows", "steps", "processes", "message"),
    [
        (2, 3, 4, r"a batch of 6 rows .* among 4 processes: take 1, 2, 3, 6 of them .* or a batch of 4 or 8 rows"),
        (1, 1, 2, r"a batch of 1 rows .* among 2 processes: take 1 of them .* or a batch of 2 rows"),
        (1, 8, 3, r"take 1, 2, 4, 8 of them .* or a batch of 6 or 9 rows"),
    ],
)
def test_a_batch_that_cannot_be_divided(rows: int, steps: int, processes: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        divided({"per_device_train_batch_size": rows, "gradient_accumulation_steps": steps}, processes)


def test_a_batch_that_is_not_given_is_one_row() -> None:
    alone = {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 1}
    assert divided({}, 1) == alone
    assert divided({"gradient_accumulation_steps": 2}, 2) == alone
    assert divided({"per_device_train_batch_size": 2}, 2) == alone


def test_the_held_out_batch_is_divided_if_it_can_be() -> None:
    for given, own in ((8, 4), (3, 1), (1, 1)):
        settings = {"gradient_accumulation_steps": 2, "per_device_eval_batch_size": given}
        assert divided(settings, 2)["per_device_eval_batch_size"] == own


def test_an_order_kept_and_cut() -> None:
    assert list(EpochOrder(5, 4, 2, seed=None)) == [0, 1, 2, 3, 5, 6]
    first, second = EpochOrder(50, 48, 0, seed=0), EpochOrder(50, 48, 0, seed=0)
    second.epoch = 1
    assert len(set(first)) == len(first) == 48
    assert list(first) != list(second)
