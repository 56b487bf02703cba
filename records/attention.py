"""Which attention of transformers computes a model as it was made."""

from collections.abc import Mapping
from typing import Any

CAP = "attn_logit_softcapping"
"""The field of a config that caps attention scores (Gemma 2)."""
IGNORING_CAPS = ("sdpa", "torch_varlen")
"""Implementations that leave the cap out; vLLM, `eager` and flash attention heed it."""
DENSE = ("sdpa", "eager")
"""Implementations that compute every pair of tokens in a sequence, and mask those of other rows."""


def is_capped(config: Mapping[str, Any]) -> bool:
    """Return True if the model of a config.json caps its attention scores."""
    return bool(config.get(CAP))


def with_own_attention(model: Any) -> Any:
    """Return a model of transformers, which takes `sdpa` by itself, with its attention scores capped if its config says
    so."""
    if is_capped(model.config.get_text_config().to_dict()):
        model.set_attn_implementation("eager")
    return model
