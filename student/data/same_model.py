"""Checks that a config.json says nothing to vLLM alone: the student would be measured as another model than is trained.

transformers passes over entries that the class of a model does not know; vLLM (0.32) looks for some of them in models
of any class (`LlamaAttention`, `ModelConfig.get_sliding_window`, `ModelArchConfigConvertor`). Models that were
converted from another class may have kept them.
"""

from typing import Any

from records.errors import InputError

WITHOUT_EFFECT: dict[str, tuple[object, ...]] = {
    "sliding_window": (None,),
    "logit_scale": (None, 1),
    "is_causal": (None, True),
    "bias": (None, False),
    "attention_bias": (None, False),
    "mlp_bias": (None, False),
    "qk_norm": (None, False),
    "attention_sinks": (None, False),
    "compression_config": (None,),
}
"""What vLLM looks for, with the values that leave a model as it is."""
QKV_BIAS = "qkv_bias"
"""Replaces `attention_bias` in vLLM's Llama."""


def check_same_model(path: str, config: Any) -> None:
    """Check a model's config, one of transformers'. Errors: InputError."""
    text = config.get_text_config()
    harmless = WITHOUT_EFFECT | {QKV_BIAS: (None, getattr(text, "attention_bias", False))}
    for name, values in harmless.items():
        if not hasattr(type(text), name) and getattr(text, name, None) not in values:
            raise InputError(
                f"{path}: vLLM would make another model of its config.json, where transformers passes over "
                f"{name}={str(getattr(text, name))[:100]}; remove that entry, or choose another model"
            )
