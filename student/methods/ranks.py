"""What the processes of one training tell each other. A training in one process is the case of one rank."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import torch.distributed as dist

from records.errors import InputError

Value = TypeVar("Value")


def expected() -> int:
    """Return the number of processes that torch's launcher has started; they need not be connected yet."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def count() -> int:
    """Return the number of processes of this training, on all machines."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Return the number of this process among all, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def is_first() -> bool:
    """Return True in the process that writes what one process writes: the journal, weights, progress."""
    return not dist.is_initialized() or dist.get_rank() == 0


def is_first_here() -> bool:
    """Return True in the process that tells of the progress on this machine."""
    return os.environ.get("LOCAL_RANK", "0") == "0"


def gathered(value: Value) -> list[Value]:
    """Return every process's value, in their order. All processes call it, and wait for each other."""
    if count() == 1:
        return [value]
    values: list[Any] = [None] * count()
    dist.all_gather_object(values, value)
    return values


def from_first(make: Callable[[], Value]) -> Value:
    """Return what the first process makes. All processes call it; the others wait for it.

    Errors: InputError in all of them if the first one raises it, so that every machine tells of the same mistake."""
    made: list[Any] = [made_or_mistake(make) if is_first() else None]
    if count() > 1:
        dist.broadcast_object_list(made)
    if isinstance(made[0], InputError):
        raise made[0]
    found: Value = made[0]
    return found


def made_or_mistake(make: Callable[[], Value]) -> Value | InputError:
    try:
        return make()
    except InputError as error:
        return error
