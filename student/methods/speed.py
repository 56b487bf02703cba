"""How fast a training runs and how much memory it takes."""

import resource
from dataclasses import dataclass

import torch

from student.cost.arithmetic import mfu, peak_flops
from student.cost.estimating import FlopsOfToken
from student.methods.journal import Step


@dataclass(frozen=True)
class Work:
    """What a token asks of the GPU, and what the GPU could do: the account of `student.cost`, as in the preflight."""

    flops: FlopsOfToken
    peak_flops: float
    """Of one GPU, in FLOP/s (dense bfloat16)."""


def work_on_gpu(flops: FlopsOfToken | str) -> Work | None:
    """Return the account of a training on the GPU at hand; None without a GPU whose peak is known, or if `flops` is the
    reason that a token's FLOPs are not known."""
    peak = peak_flops(torch.cuda.get_device_name()) if torch.cuda.is_available() else None
    return Work(flops, peak) if peak and not isinstance(flops, str) else None


def speed(steps: list[Step], keys: int, work: Work | None, processes: int = 1) -> dict[str, float]:
    """Return tokens and supervised tokens per second of all processes, this one's peak memory in GiB, and the model
    FLOPs utilization in percent of `processes` GPUs. `keys` counts the tokens that each token of the steps attends to,
    itself included."""
    seconds, tokens = sum(step.seconds for step in steps), sum(step.tokens for step in steps)
    if not seconds:
        return {}
    found = {
        "tokens_per_s": tokens / seconds,
        "supervised_tokens_per_s": sum(step.supervised for step in steps) / seconds,
        "memory_gib": peak_memory_gib(),
    }
    if work:
        found["mfu"] = 100 * mfu(work.flops(keys / tokens), tokens / seconds, work.peak_flops, processes)
    return found


def peak_memory_gib() -> float:
    """Return the most memory in use so far: the GPU's, or this process's without one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
