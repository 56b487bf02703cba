"""How llama.cpp lays out the supported architectures: metadata, order of rows in attention, types of tensors.

The conventions are those of llama.cpp's `convert_hf_to_gguf.py`, which is not part of any package.
"""

from typing import Any

import numpy as np
from gguf import MODEL_ARCH, GGMLQuantizationType, GGUFWriter, LlamaFileType, RopeScalingType

from records.errors import InputError

ARCHITECTURES = {"llama": MODEL_ARCH.LLAMA, "qwen2": MODEL_ARCH.QWEN2, "qwen3": MODEL_ARCH.QWEN3}
"""By `model_type` of config.json. Qwen2.5 and its distillates are `qwen2`."""
TYPES = {
    "gguf_f16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "gguf_q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "gguf_q4_0": (GGMLQuantizationType.Q4_0, LlamaFileType.MOSTLY_Q4_0),
}
"""The types that the package `gguf` can write; it has none of the K types."""
ACTIVATION = "silu"
"""What llama.cpp computes these architectures with; a GGUF file has no place for another."""
BLOCK = 32
"""Numbers that share a scale in Q8_0 and Q4_0. A row is a whole number of blocks."""
ROPE_SETTINGS: dict[str, set[str]] = {
    "default": set(),
    "linear": {"factor"},
    "yarn": {"factor", "original_max_position_embeddings"},
    "llama3": {"factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"},
}
"""The settings of each kind of rope scaling that are carried over. Llama 3's becomes a tensor, see `rope_factors`."""
VOCABULARY = ("token_embd.weight", "output.weight")


def architecture_of(model_type: str, place: str) -> MODEL_ARCH:
    """Return GGUF's architecture. Errors: InputError for one that is not supported."""
    if model_type not in ARCHITECTURES:
        raise InputError(
            f"{place}: architecture {model_type} cannot be exported to GGUF (supported: {', '.join(ARCHITECTURES)}); "
            "remove the gguf formats from publishing.formats"
        )
    return ARCHITECTURES[model_type]


def head_dim(config: Any) -> int:
    """Return the size of an attention head. Qwen2's config does not hold it."""
    return int(config.to_dict().get("head_dim") or config.hidden_size // config.num_attention_heads)


def add_shape(writer: GGUFWriter, config: Any, place: str) -> None:
    """Write the model's shape, from its transformers config. Errors: InputError for what GGUF cannot express."""
    if config.to_dict().get("use_sliding_window"):
        raise InputError(f"{place}: GGUF has no sliding window for {config.model_type}; remove the gguf formats")
    if config.hidden_act != ACTIVATION:
        raise InputError(
            f"{place}: llama.cpp computes {config.model_type} with {ACTIVATION} alone; remove the gguf formats"
        )
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head_dim(config))
    writer.add_value_length(head_dim(config))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(head_dim(config))
    add_rope(writer, config.rope_parameters, place)


def add_rope(writer: GGUFWriter, rope: dict[str, Any], place: str) -> None:
    """Write the settings of the rotary embedding. Errors: InputError for settings that GGUF does not have."""
    kind, given = rope["rope_type"], {name for name, value in rope.items() if value is not None}
    if kind not in ROPE_SETTINGS or not given <= ROPE_SETTINGS[kind] | {"rope_type", "rope_theta"}:
        raise InputError(
            f"{place}: rope scaling {kind} ({', '.join(sorted(given))}) cannot be exported to GGUF; remove the gguf "
            "formats from publishing.formats"
        )
    writer.add_rope_freq_base(rope["rope_theta"])
    if kind in ("linear", "yarn"):
        writer.add_rope_scaling_type(RopeScalingType(kind))
        writer.add_rope_scaling_factor(rope["factor"])
    if kind == "yarn":
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])


def rope_factors(rope: dict[str, Any], dimension: int) -> np.ndarray | None:
    """Return what Llama 3.1 divides each of its `dimension / 2` frequencies by (float32); None for other models.

    Long wavelengths are divided by `factor`, short ones by 1, those between by a value in between
    (`transformers.modeling_rope_utils._compute_llama3_parameters`). llama.cpp reads them as `rope_freqs.weight`.
    """
    if rope["rope_type"] != "llama3":
        return None
    wavelengths = 2 * np.pi * rope["rope_theta"] ** (np.arange(0, dimension, 2) / dimension)
    turns = rope["original_max_position_embeddings"] / wavelengths
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    smooth = np.clip((turns - low) / (high - low), 0, 1)  # 0 for the longest, 1 for the shortest
    return (1 / ((1 - smooth) / rope["factor"] + smooth)).astype(np.float32)


def permuted(rows: np.ndarray, heads: int) -> np.ndarray:
    """Reorder the rows of Llama's q and k, a weight or a bias, head by head.

    transformers rotates element i of a head together with i + half, llama.cpp's `llama` rotates neighbours, so the two
    halves are interleaved. Its `qwen2` and `qwen3` rotate as transformers does.
    """
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def type_of(name: str, shape: tuple[int, ...], wanted: GGMLQuantizationType) -> GGMLQuantizationType:
    """Return the type of a tensor in a file whose matrices are to have the type `wanted`.

    Norms and biases stay float32, rows that are no whole number of blocks float16. In Q4_0 the embeddings and the head,
    which suffer most, get 8 bits; `llama-quantize` gives them 6, in a type that `gguf` cannot write.
    """
    if len(shape) == 1:
        return GGMLQuantizationType.F32
    if wanted != GGMLQuantizationType.F16 and shape[-1] % BLOCK:
        return GGMLQuantizationType.F16
    return GGMLQuantizationType.Q8_0 if wanted == GGMLQuantizationType.Q4_0 and name in VOCABULARY else wanted
