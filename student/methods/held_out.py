"""How often the student solves held-out problems while it is trained by rewards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch

from student.methods import ranks

Item = TypeVar("Item")


@contextmanager
def own_draws(seed: int) -> Iterator[None]:
    """Draw with random numbers of its own, the same in every evaluation: how often a training is evaluated changes
    nothing in its weights, and two evaluations differ by the weights alone."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


def filled_share(items: Sequence[Item], rank: int, count: int) -> tuple[list[Item], int]:
    """Return the items that process `rank` of `count` takes of those of all, and how many of the last ones only fill
    up: all processes answer equally many, because they wait for each other."""
    mine, most = list(items[rank::count]), -(-len(items) // count)
    filling = most - len(mine)
    return mine + [items[0]] * filling, filling


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def accuracy(solved: list[bool | None]) -> float | None:
    """Return the share of solved problems in all processes, of those that could be judged; None if none could."""
    known = [one for part in ranks.gathered(solved) for one in part if one is not None]
    return sum(known) / len(known) if known else None
