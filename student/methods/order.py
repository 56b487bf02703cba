"""The order in which an epoch takes its rows, the same in any number of processes."""

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler
from transformers.trainer_pt_utils import get_length_grouped_indices

from records.errors import InputError


class EpochOrder(Sampler[int]):
    """Yields the numbers of an epoch's rows, alike in all processes: `taken` of `rows` rows, then `filling` empty ones,
    which have the numbers from `rows` on.

    It differs from epoch to epoch by `epoch`, which the trainer sets.
    """

    def __init__(self, rows: int, taken: int, filling: int, seed: int | None) -> None:
        """`seed` is None if the rows keep their order."""
        self.rows, self.taken, self.filling, self.seed, self.epoch = rows, taken, filling, seed, 0

    def __iter__(self) -> Iterator[int]:
        if self.seed is None:
            yield from range(self.taken)
        else:
            draws = torch.Generator().manual_seed(self.seed + self.epoch)
            yield from torch.randperm(self.rows, generator=draws)[: self.taken].tolist()
        yield from range(self.rows, self.rows + self.filling)

    def __len__(self) -> int:
        return self.taken + self.filling


class LengthOrder(EpochOrder):
    """Yields rows of like lengths one after the other, those of a step together (transformers' `group_by_length`).

    transformers draws the groups from a random state that a checkpoint does not bring back for a whole epoch: a resumed
    training would take other rows than those that are left.
    """

    def __init__(self, lengths: Sequence[int], taken: int, batch: int, seed: int) -> None:
        """`batch` is the number of rows in a step."""
        super().__init__(len(lengths), taken, 0, seed)
        self.lengths, self.batch, self.first = lengths, batch, seed

    def __iter__(self) -> Iterator[int]:
        draws = torch.Generator().manual_seed(self.first + self.epoch)
        yield from get_length_grouped_indices(self.lengths, self.batch, generator=draws)[: self.taken]


def taken_of(rows: int, batch: int, drop_last: bool) -> int:
    """Return how many of an epoch's rows are taken. Errors: InputError if batches must be full, and none is."""
    taken = rows - rows % batch if drop_last else rows
    if not taken:
        raise InputError(
            f"{rows} rows fill no batch, and dataloader_drop_last leaves out what is not full: lower "
            "per_device_train_batch_size"
        )
    return taken
