"""What a scorer asks of an engine that serves its reward model: the logits of a text's labels."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pooling:
    """Where a model's labels are read. Made by `filters.scorers.served`; read by `teacher.engines.vllm_pooling`."""

    every_token: bool
    """True if there are logits at every token; False if only at a text's last one."""
    label_tokens: tuple[str, ...] = ()
    """The tokens of a language model whose logits are the labels'; empty for a model that has a head of its own."""


class LogitsEngine(Protocol):
    """A reward model in an engine."""

    runtime: str
    """What it runs in, in words (`records.runtime.Kernels.kernels`)."""

    def logits(self, texts: Sequence[list[int]]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield, in the order in which they are done, the position of each text and its logits, [tokens, labels], or
        [1, labels] if they are read at the last token only. No text may be empty or longer than the context that the
        engine was started with."""


Serve = Callable[[Path, int, Pooling], LogitsEngine]
"""Returns the engine for a model directory and a context in tokens. It may have served another scorer before. Errors:
InputError for a model that it cannot run."""
