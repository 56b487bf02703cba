"""FLOPs of a training token, model FLOPs utilization (MFU), and the hours that a number of tokens takes."""

from collections.abc import Sequence

from student.cost.shape import Shape

FORWARD, BACKWARD_INPUTS, BACKWARD_WEIGHTS = 2, 2, 2
"""FLOPs a parameter and token: a multiplication and an addition, in the forward pass and in each half of the backward
pass (gradients of the inputs, gradients of the weights). Recomputation under gradient checkpointing is not counted:
MFU asks how much of the GPU went into the model, not into saving memory (PaLM, arXiv 2204.02311, appendix B)."""

MORE_PEAKS = {"RTX 4090": 165.2e12, "RTX 3090": 71.0e12, "RTX 5090": 209.5e12}
"""Dense bf16 FLOP/s with fp32 accumulation of cards that TRL's table lacks; NVIDIA's architecture whitepapers."""


def attended(documents: Sequence[int]) -> float:
    """Mean number of keys that a token attends to, itself included, in documents of these lengths that see only
    themselves: (length + 1) / 2 in a document, averaged over tokens."""
    return sum(length * (length + 1) / 2 for length in documents) / sum(documents)


def flops_per_token(shape: Shape, attended: float, method: str, rank: int = 0) -> float:
    """FLOPs of the forward and backward pass of one token that attends to `attended` tokens.

    Linear maps and the output layer cost 6 FLOPs a parameter, or 4 where the weights are frozen (`lora`, `qlora`: no
    weight gradients), plus 6 for each of the adapters' parameters. Attention costs 2 products of `query` numbers with
    each key attended to, 2 FLOPs each, and twice that backwards, whatever is frozen. For `full` this is
    `trl.trainer.utils.compute_flops_per_token` but for the attention, where TRL counts the whole row for every token.
    """
    matrices = shape.layers * shape.layer_linear + shape.embedding
    each = FORWARD + BACKWARD_INPUTS + (BACKWARD_WEIGHTS if method == "full" else 0)
    adapters = 0 if method == "full" else shape.adapter(rank) * (FORWARD + BACKWARD_INPUTS + BACKWARD_WEIGHTS)
    attention = 3 * 2 * 2 * shape.layers * shape.query * attended
    return matrices * each + adapters + attention


def mfu(flops_per_token: float, tokens_per_s: float, peak_flops: float, processes: int = 1) -> float:
    """Share (0 to 1) of the GPUs' peak that the model's own FLOPs took. `tokens_per_s` is of all processes."""
    return flops_per_token * tokens_per_s / (peak_flops * processes)


def hours(tokens: float, flops_per_token: float, peak_flops: float, mfu: float, processes: int = 1) -> float:
    """Hours that so many tokens take on so many GPUs at an assumed MFU (0 to 1)."""
    return tokens * flops_per_token / (peak_flops * mfu * processes) / 3600


def peak_flops(gpu: str) -> float | None:
    """Dense bf16 peak of a GPU by the name that torch gives it, in FLOP/s; None for one that no table names.

    TRL's table first: H100, H200, B200, A100, L40S, A10, T4 and others, SXM and PCIe apart.
    """
    from trl.trainer.utils import get_peak_flops

    known = get_peak_flops(gpu, "bfloat16")
    return known or next((peak for name, peak in MORE_PEAKS.items() if name in gpu), None)
