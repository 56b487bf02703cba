"""Decides whether a training runs on a GPU, and says so if it does not although it was meant to."""

from collections.abc import Callable
from typing import Literal

import torch

from configs.launch import Launch
from configs.training import Training
from records.errors import InputError

Device = Literal["auto", "cpu", "cuda"]
LARGE = 200_000_000
"""Parameters from which a training on the CPU would take days."""


def on_cpu(device: Device, config: Training, parameters: int, progress: Callable[..., None]) -> bool:
    """Return True if the training runs on the CPU. `parameters` is the model's size.

    Errors: InputError if `device` is cuda and there is no GPU.
    """
    if has_gpu(device):
        return False
    if device == "cuda":
        raise InputError("launch.device: cuda, but no GPU is visible; check the driver, or set launch.device=cpu")
    wanted = wants_gpu(config, parameters)
    if wanted and device == "auto":
        progress(0, None, note=f"WARNING: no GPU is visible, so this trains on the CPU, although {wanted}")
    return True


def has_gpu(device: Device) -> bool:
    """Return True if a training takes a GPU of this machine."""
    return device != "cpu" and torch.cuda.is_available()


def processes_here(launch: Launch) -> int:
    """Return how many processes train on this machine. Errors: InputError for more than there are GPUs."""
    gpus = torch.cuda.device_count() if launch.device != "cpu" else 0
    if launch.processes == "auto":
        return max(1, gpus) if launch.shard != "none" else 1
    if gpus and launch.processes > gpus:
        raise InputError(f"launch.processes: {launch.processes}, but {gpus} GPUs are visible; lower it, or take auto")
    return launch.processes


def wants_gpu(config: Training, parameters: int) -> str:
    """Return why the stage is meant for a GPU; empty if it is not."""
    optimizer = str(config.settings.get("optim", ""))
    attention = config.attn_implementation
    reasons = {
        f"attn_implementation is {attention}": attention.startswith(("flash", "torch_varlen")),
        f"quantize is {config.quantize}": config.quantize is not None,
        f"settings.optim is {optimizer}": optimizer.startswith("paged") or "8bit" in optimizer,
        f"the model has {parameters / 1e9:.1f} billion parameters": parameters >= LARGE,
    }
    return " and ".join(reason for reason, holds in reasons.items() if holds)
