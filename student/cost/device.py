"""Sets an estimate beside the GPU at hand: whether the training fits, and how long it will take."""

from records.errors import InputError
from records.preflight import CostEstimate
from student.cost.arithmetic import peak_flops

ASSUMED_MFU = 0.35
"""Share of the GPU's peak. Measured on an H200 with gradient checkpointing: 0.25 (LoRA) to 0.39 (full), without it and
with liger's kernels up to 0.53 (docs/training.md)."""
ELSEWHERE = "NVIDIA H100"
"""The GPU that hours are given for where none is at hand."""
GIB = 1 << 30


def told(cost: CostEstimate, gpu: str | None, memory: int) -> str:
    """Return the estimate in words. `gpu` is torch's name of the device, or None; `memory` its bytes."""
    name = gpu or ELSEWHERE
    seconds = seconds_on(name, cost)
    text = f"{cost.memory_bytes / GIB:.1f} GiB" + (f" of {memory / GIB:.1f}" if gpu else " on a GPU")
    if seconds:
        gpus = "one" if cost.processes == 1 else f"{cost.processes} x"
        text += f", {seconds / 3600:.1f} hours on {gpus} {name} at {100 * ASSUMED_MFU:.0f} % of its peak (assumed)"
    return f"{text}, for {cost.tokens:,} tokens"


def seconds_on(gpu: str, cost: CostEstimate) -> float | None:
    """Return the time that the training takes on one such GPU for each process; None if its peak is not known."""
    peak = peak_flops(gpu)
    return cost.flops / (peak * ASSUMED_MFU * cost.processes) if peak else None


def check_memory(cost: CostEstimate, gpu: str, memory: int) -> None:
    """Errors: InputError if the training needs more memory than the GPU has."""
    if cost.memory_bytes > memory:
        raise InputError(
            f"the training takes about {cost.memory_bytes / GIB:.1f} GiB, and {gpu} has {memory / GIB:.1f}: set "
            "settings.gradient_checkpointing=true, a smaller settings.per_device_train_batch_size or max_length, "
            "settings.optim=paged_adamw_8bit, lora: {} (with quantize: nf4 it takes least), or "
            "launch.shard=fsdp2 on several GPUs"
        )


def gpu_at_hand() -> tuple[str, int] | None:
    """Return the first visible GPU's name and memory in bytes, or None."""
    import torch

    if not torch.cuda.is_available():
        return None
    return torch.cuda.get_device_name(0), torch.cuda.get_device_properties(0).total_memory
