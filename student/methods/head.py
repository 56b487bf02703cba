"""TRL's output layer on the CPU, for the tokens with a label only.

TRL projects the tokens with a label where Triton runs, and all others too where it does not, because an accelerator
that compiles a program for each shape would compile one for each batch (trl/trainer/utils.py, `_fused_forward`). The
CPU compiles nothing: the prompts and the padding, two thirds of the embedded pair's tokens, only cost time there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import trl.trainer.utils

UTILS: Any = trl.trainer.utils


@contextmanager
def labels_only() -> Iterator[None]:
    """Make TRL's output layer leave out tokens without a label, on the CPU too."""
    asks = UTILS._use_triton
    UTILS._use_triton = leaves_out_tokens
    try:
        yield
    finally:
        UTILS._use_triton = asks


def leaves_out_tokens(device: torch.device) -> bool:
    """Take the place of TRL's question whether Triton runs, which decides nothing else in that module."""
    return device.type in ("cpu", "cuda", "xpu")
