"""The order in which reinforcement learning takes its prompts, the same in any number of processes."""

from collections.abc import Iterator

import torch
from torch.utils.data import Sampler


class GroupOrder(Sampler[int]):
    """Yields the numbers of an epoch's prompts as TRL's RepeatSampler does: each as often as it is answered, and every
    batch of completions as often as it is trained on. A last, incomplete batch is left out.

    TRL's own goes on with one generator from epoch to epoch, so that a training resumed in its second epoch would take
    the prompts in the order of the first. This one's order follows from `seed` and `epoch`, which the trainer sets.
    """

    def __init__(self, prompts: int, each: int, batch: int, times: int, seed: int | None) -> None:
        """`each` is the number of completions of a prompt, `batch` of prompts that are answered together, `times` of
        micro-batches taken from their completions. `seed` is None if the prompts keep their order."""
        self.prompts, self.each, self.batch, self.times, self.seed = prompts, each, batch, times, seed
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        order = list(range(self.prompts))
        if self.seed is not None:
            draws = torch.Generator().manual_seed(self.seed + self.epoch)
            order = torch.randperm(self.prompts, generator=draws).tolist()
        for start in range(0, self.prompts - self.batch + 1, self.batch):
            together = order[start : start + self.batch]
            for _ in range(self.times):
                yield from (number for number in together for _ in range(self.each))

    def __len__(self) -> int:
        return self.prompts // self.batch * self.batch * self.each * self.times
