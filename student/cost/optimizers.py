"""Bytes that an optimizer keeps on the GPU for a training's parameters, by transformers' names (`optim`)."""

from records.errors import InputError

BLOCK = 256
"""bitsandbytes keeps 8-bit states in blocks of so many numbers, with one float32 scale each (optim/optimizer.py)."""
EIGHT_BIT = 1 + 4 / BLOCK

TORCH = {"adamw_torch": 2, "adamw_torch_fused": 2, "sgd": 0}
"""States a parameter, each in the parameter's own dtype."""
EIGHT_BITS = {"adamw_8bit": 2, "adamw_bnb_8bit": 2, "lion_8bit": 1}
"""States a parameter in 8 bits, but in 32 bits for embeddings: the trainer registers that (trainer.py,
`register_module_override`). A tied output layer counts as embedding, an output layer of its own does not."""
PAGED = {"paged_adamw", "paged_adamw_32bit", "paged_adamw_8bit", "paged_lion", "paged_lion_32bit", "paged_lion_8bit"}
"""States in managed memory, which the driver moves to the host when the GPU is full. torch does not count it."""


def state_bytes(optimizer: str, others: int, embeddings: int, width: int) -> int:
    """Bytes of the states of `others` + `embeddings` trained parameters of `width` bytes each.

    Errors: InputError for an optimizer that is not known here.
    """
    if optimizer in PAGED:
        return 0
    if optimizer in TORCH:
        return TORCH[optimizer] * width * (others + embeddings)
    if optimizer in EIGHT_BITS:
        return int(EIGHT_BITS[optimizer] * (EIGHT_BIT * others + 4 * embeddings))
    known = ", ".join(sorted({*TORCH, *EIGHT_BITS, *PAGED}))
    raise InputError(f"no estimate of the memory of optim={optimizer}: known are {known}")


def step_bytes(optimizer: str, parameters: int, width: int) -> int:
    """Bytes that a step takes beside the states: torch's own AdamW, unless fused, takes the square roots of all second
    moments at once (torch/optim/adam.py, `_multi_tensor_adam`)."""
    return parameters * width if optimizer == "adamw_torch" else 0
