"""The settings of every bitsandbytes precision, as keyword arguments of transformers' `BitsAndBytesConfig`.

All are explicit, because bitsandbytes' own defaults are fp4, float32 compute and single quantization. QLoRA quantizes
with them in memory, export and evaluation on disk.
"""

from importlib.metadata import version
from typing import Any

BITSANDBYTES: dict[str, dict[str, bool | str]] = {
    "int8": {"load_in_8bit": True},
    "nf4": {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True},
    "nf4_plain": {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": False},
    "fp4": {"load_in_4bit": True, "bnb_4bit_quant_type": "fp4", "bnb_4bit_use_double_quant": False},
}

BITS = {"full": 16.0, "int8": 8.0, "nf4_plain": 4.5, "fp4": 4.5, "nf4": 4.127}
"""Bits that a quantized weight takes: 4, and for each block of 64 a scale of 32 bits, or of 8 with a scale of these for
every 256 if they are quantized too (Dettmers et al. 2023, arXiv 2305.14314, section 3)."""


def settings_of(precision: str, compute: Any) -> dict[str, Any]:
    """Return the arguments for a precision of BITSANDBYTES, whose 4-bit layers compute in the torch dtype `compute`.
    int8 has no such argument: it computes in the dtype of its inputs."""
    settings = BITSANDBYTES[precision]
    return dict(settings) if precision == "int8" else settings | {"bnb_4bit_compute_dtype": compute}


def dtype_of(precision: str, dtype: str) -> str:
    """Return the type of a model's activations in a precision: `dtype`, the model's own, but 16 bits if it is
    quantized, because vLLM's bitsandbytes takes no others."""
    return "bfloat16" if precision != "full" and dtype in ("float32", "auto") else dtype


def quantization_of(config: dict[str, Any], computes: str) -> str:
    """Tell in words how a model's layers are quantized; empty if they are not.

    `config` is the content of its config.json. `computes` is the type in which its engine computes 4-bit layers; 8-bit
    ones compute in float16 (bitsandbytes casts their inputs).
    """
    settings = config.get("quantization_config")
    if settings is None:
        return ""
    if settings["quant_method"] != "bitsandbytes":
        return str(settings["quant_method"])
    library = f"bitsandbytes {version('bitsandbytes')}"
    if settings["load_in_8bit"]:
        return f"{library} int8 computed in float16"
    double = " with double quantization" if settings["bnb_4bit_use_double_quant"] else ""
    return f"{library} {settings['bnb_4bit_quant_type']}{double} computed in {computes}"
