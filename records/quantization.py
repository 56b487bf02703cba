"""The settings of every bitsandbytes precision, as keyword arguments of transformers' `BitsAndBytesConfig`.

All are explicit, because bitsandbytes' own defaults are fp4, float32 compute and single quantization. Evaluation
and QLoRA quantize with them in memory, export on disk.
"""

BITSANDBYTES: dict[str, dict[str, bool | str]] = {
    "int8": {"load_in_8bit": True},
    "nf4": {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True},
    "nf4_plain": {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": False},
    "fp4": {"load_in_4bit": True, "bnb_4bit_quant_type": "fp4", "bnb_4bit_use_double_quant": False},
}
