"""Errors of writing weights, told as what they are, and the size of a model before it is loaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM

from records.errors import InputError

TORCH_WRITES = ("PytorchStreamWriter", "iostream error", "unexpected pos")
"""Words in the RuntimeError that torch.save raises when its file cannot be written."""


@contextmanager
def saving(folder: Path) -> Iterator[None]:
    """Turn an error of safetensors or torch about a file that cannot be written into an InputError. Neither is an
    OSError. What was half written is never taken for whole: checkpoints are marked, and the manifest comes last."""
    try:
        yield
    except (SafetensorError, RuntimeError) as error:
        if isinstance(error, SafetensorError) or any(word in str(error) for word in TORCH_WRITES):
            raise InputError(
                f"{folder}: weights cannot be written ({' '.join(str(error).split())}); free space there, then run the "
                "same command again: it continues from the newest whole checkpoint"
            ) from error
        raise


@contextmanager
def fitting(checkpoint: Path | None) -> Iterator[None]:
    """Turn an error about a checkpoint whose tensors have other shapes than the model's into an InputError."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if checkpoint and ("size mismatch" in str(error) or "doesn't match" in str(error)):
            raise InputError(
                f"{checkpoint}: does not fit the model; delete {checkpoint.parent} to train from the start"
            ) from error
        raise


def size_of(path: str, revision: str | None) -> int:
    """Return a model's number of parameters from its config alone. Errors: InputError if there is no such model."""
    try:
        config = AutoConfig.from_pretrained(path, revision=revision, trust_remote_code=False)
        with torch.device("meta"):
            return sum(weight.numel() for weight in AutoModelForCausalLM.from_config(config).parameters())
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise InputError(f"{path}: no model that loads ({' '.join(str(error).split())})") from error
