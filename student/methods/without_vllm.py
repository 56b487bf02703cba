"""Keeps TRL from importing vLLM on a machine without a GPU, where TRL cannot use it (`requirements.VLLM_ON_CPU`).

TRL's trainers that draw completions import all of vLLM where it is installed, whether `use_vllm` is set or not
(trl/generation/vllm_generation.py), and that takes longer than all of their other imports together.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def without_vllm() -> Iterator[None]:
    """Within the block vLLM is not found, unless there is a GPU or it is imported already: None in `sys.modules` stands
    for a module that is missing."""
    modules: dict[str, Any] = sys.modules
    hidden = "vllm" not in modules and not torch.cuda.is_available()
    if hidden:
        modules["vllm"] = None
    try:
        yield
    finally:
        if hidden:
            del modules["vllm"]
