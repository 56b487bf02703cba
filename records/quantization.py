"""The settings of every bitsandbytes precision, as keyword arguments of transformers' `BitsAndBytesConfig`.

All are explicit, because bitsandbytes' own defaults are fp4, float32 compute and single quantization. Evaluation
and QLoRA quantize with them in memory, export on disk.
"""

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
