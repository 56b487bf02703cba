"""How fast a training runs and how much memory it takes."""

import resource
from contextlib import suppress
from typing import Any

import torch
from trl.trainer.utils import compute_flops_per_token, compute_mfu, get_peak_flops

from student.methods.journal import Step


def speed(steps: list[Step], config: Any, dtype: str, processes: int) -> dict[str, float]:
    """Return tokens and supervised tokens per second, the peak memory in GiB, and on a known GPU the model FLOPs
    utilization in percent (PaLM's convention: every token attends to its whole row). `config` is the model's."""
    seconds = sum(step.seconds for step in steps)
    if not seconds:
        return {}
    tokens = sum(step.tokens for step in steps) / seconds
    found = {
        "tokens_per_s": tokens,
        "supervised_tokens_per_s": sum(step.supervised for step in steps) / seconds,
        "memory_gib": peak_memory_gib(),
    }
    peak = get_peak_flops(torch.cuda.get_device_name(), dtype) if torch.cuda.is_available() else None
    if peak:
        row_length = sum(step.tokens for step in steps) // max(1, sum(len(step.rows) for step in steps))
        with suppress(AttributeError):  # TRL's formula is for decoders with the usual names of sizes
            found["mfu"] = compute_mfu(compute_flops_per_token(config, row_length), tokens, processes, peak)
    return found


def peak_memory_gib() -> float:
    """Return the most memory in use so far: the GPU's, or this process's without one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
