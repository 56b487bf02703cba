"""Attention of packed rows with the flash kernel that PyTorch ships: no dense mask, no further package.

Under `sdpa` transformers keeps packed documents apart with a mask of tokens x tokens, which no flash kernel takes
(masking_utils.py; sdpa_attention.py). TRL's collator also passes the documents' boundaries, and the flash kernel in
torch takes those: `torch.ops.aten._flash_attention_forward`, the one behind `torch.nn.attention.varlen`.
"""

from typing import Any

import torch
from transformers import AttentionInterface

NAME = "torch_varlen"
"""The value of `attn_implementation` once `register` has been called."""


def register() -> None:
    """Make `attn_implementation="torch_varlen"` known to transformers. No mask is built for a name without a mask."""
    AttentionInterface.register(NAME, attend)


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    cu_seq_lens_q: torch.Tensor,
    max_length_q: int,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each document of one packed row.

    `query` is (1, heads, tokens, head_dim), `key` and `value` have as many heads as the model has key-value heads.
    `cu_seq_lens_q` (documents + 1, int32) holds the documents' boundaries, `max_length_q` the longest document; TRL's
    collator makes both when `packing_strategy` is `bfd`. Returns (1, tokens, heads, head_dim). Tensors are 16-bit, on
    a CUDA device. Without boundaries the call fails: a batch that is not packed needs another implementation.
    """
    # Rotary embeddings leave queries and keys in the residual stream's dtype, float32 where the weights are.
    rows = [states[0].transpose(0, 1).to(value.dtype) for states in (query, key, value)]
    output = torch.ops.aten._flash_attention_forward(
        *rows,
        cu_seq_lens_q,
        cu_seq_lens_q,
        max_length_q,
        max_length_q,
        dropout,
        True,  # is_causal
        False,  # return_debug_mask
        scale=scaling,
    )
    return output[0][None], None
