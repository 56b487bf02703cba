"""Checks that a model's files say nothing to vLLM alone: it would run another model than transformers does, so that a
student is measured as another one than is trained.

transformers passes over entries that the class of a model does not know; vLLM (0.32) looks for some of them in models
of any class (`LlamaAttention`, `ModelConfig.get_sliding_window`, `ModelArchConfigConvertor`, `patch_rope_parameters`).
Models that were converted from another class may have kept them.
"""

from pathlib import Path
from typing import Any

from records.errors import InputError

WITHOUT_EFFECT: dict[str, tuple[object, ...]] = {
    "sliding_window": (None,),
    "logit_scale": (None, 1),
    "is_causal": (None, True),
    "bias": (None, False),
    "attention_bias": (None, False),
    "mlp_bias": (None, False),
    "attention_sinks": (None, False),
    "compression_config": (None,),
    "rotary_pct": (None, 1),
    "rotary_emb_fraction": (None, 1),
}
"""What vLLM looks for, with the values that leave a model as it is."""
OF_QWEN2 = {"qk_norm": (None, False)}
"""The same, in Qwen2 alone. Apertus always has these norms, and its config.json says so."""
QUANTIZED_BESIDE = "hf_quant_config.json"
"""Where ModelOpt (before 0.31) writes how weights are quantized; vLLM reads it if config.json says nothing of that."""
QKV_BIAS = "qkv_bias"
"""Replaces `attention_bias` in vLLM's Llama."""
PARTIAL = "partial_rotary_factor"
"""Part of a head that is rotated, among the rotary parameters. vLLM's `get_rope` heeds it in any model."""


def check_same_model(path: str, config: Any) -> None:
    """Check a model's config, one of transformers'. Errors: InputError."""
    text = config.get_text_config()
    plain = type(text)()  # it has what its class knows, as a field or made from other fields
    harmless = WITHOUT_EFFECT | {QKV_BIAS: (None, getattr(text, "attention_bias", False))}
    harmless |= OF_QWEN2 if str(getattr(text, "model_type", "")).startswith("qwen2") else {}
    unknown = {name: getattr(text, name, None) for name in harmless if not hasattr(plain, name)}
    unknown |= {PARTIAL: rotary(text).get(PARTIAL)} if PARTIAL not in rotary(plain) else {}
    for name, value in unknown.items():
        if value not in harmless.get(name, (None, 1)):
            raise InputError(
                f"{path}: vLLM would make another model of its config.json, where transformers passes over "
                f"{name}={str(value)[:100]}; remove that entry, or choose another model"
            )


def rotary(text: Any) -> dict[str, Any]:
    """Return the parameters of a model's rotary embeddings; of a class that knows a parameter, they have it by
    default."""
    found = getattr(text, "rope_parameters", None)
    return found if isinstance(found, dict) else {}


def short_until(config: Any) -> int | None:
    """Return up to how many tokens a model with two sets of rotary factors (Phi's) takes its short ones, and None for
    any other. transformers goes by a batch's longest row, and vLLM (0.32, `Phi3LongRoPEScaledRotaryEmbedding`) by the
    context that it is given."""
    rope = rotary(config.get_text_config())
    if rope.get("rope_type") != "longrope" or rope.get("short_factor") == rope.get("long_factor"):
        return None
    return rope.get("original_max_position_embeddings")


def quantized_for(folder: Path, config: dict[str, Any]) -> str | None:
    """Return what has vLLM take the weights as quantized; None if nothing does. transformers knows the first alone."""
    within = next((name for name in ("quantization_config", "compression_config") if config.get(name)), None)
    return within or (QUANTIZED_BESIDE if (folder / QUANTIZED_BESIDE).exists() else None)


def check_quantization(folder: Path, config: dict[str, Any]) -> None:
    """Errors: InputError for weights that vLLM alone takes as quantized: it rounds ordinary ones to 8 bits, without
    scales."""
    by = quantized_for(folder, config)
    if by not in (None, "quantization_config"):
        raise InputError(
            f"{folder}: vLLM alone would take its weights as quantized, because of {by}; remove that, or give the "
            "model that it was made from"
        )
