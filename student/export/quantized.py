"""Quantizes a trained model with bitsandbytes, to a directory that transformers and vLLM load as it is."""

from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, GenerationConfig

from records.attention import with_own_attention
from records.errors import InputError
from records.quantization import BITSANDBYTES, settings_of
from student.export.files import COMPANIONS, copy_companions, read_config, weight_files


def quantize(
    trained: Path | str, folder: Path, precision: str, dtype: torch.dtype, revision: str | None = None
) -> dict[str, str]:
    """Write the quantized model into `folder`, and return its settings in words.

    `trained` is a model directory, or a Hugging Face name with its `revision`.

    `precision` is a key of BITSANDBYTES. The linear layers are quantized, except the head; embeddings and norms are
    stored in `dtype`, in which the 4-bit layers also compute. `config.json` holds the settings as
    `quantization_config`. Errors: InputError if `trained` has no weights, or they are quantized already.
    """
    trained = weights_directory(trained, revision)
    weight_files(trained)
    if "quantization_config" in read_config(trained):
        raise InputError(f"{trained}: its weights are quantized already; measure them as they are, in full only")
    quantization = BitsAndBytesConfig(**settings_of(precision, dtype))
    model: Any = AutoModelForCausalLM.from_pretrained(
        trained, quantization_config=quantization, dtype=dtype, device_map=device_map()
    )
    check_no_experts(model, trained, precision)
    model.generation_config = GenerationConfig()  # a base's contradictory one would not be saved (transformers raises)
    model.save_pretrained(folder)
    copy_companions(trained, folder)
    return in_words(precision, dtype)


def check_no_experts(model: Any, trained: Path, precision: str) -> None:
    """Errors: InputError for experts, which transformers keeps as one tensor of all their matrices: they, most of the
    model, would stay as they are, and vLLM could not read the rest. What else has three dimensions is not in the
    language model: Gemma 4's table of the places in an image."""
    for name, weight in model.get_decoder().named_parameters():
        if weight.ndim == 3 and min(weight.shape) > 1:  # a convolution's are of one channel
            raise InputError(
                f"{trained}: {name} holds experts, which bitsandbytes would leave as they are; remove {precision}"
            )


def weights_directory(location: Path | str, revision: str | None) -> Path:
    """Return a model directory as it is, and a model of the Hugging Face hub as it lies in the local cache."""
    if Path(location).is_dir():
        return Path(location)
    files = ["*.json", "*.safetensors", *COMPANIONS]
    return Path(snapshot_download(str(location), revision=revision, allow_patterns=files))


def in_words(precision: str, dtype: torch.dtype) -> dict[str, str]:
    settings, name = BITSANDBYTES[precision], str(dtype).removeprefix("torch.")
    if precision == "int8":
        return {"method": "bitsandbytes LLM.int8()", "other weights": name}
    return {
        "method": f"bitsandbytes {settings['bnb_4bit_quant_type']}",
        "double quantization": "yes" if settings["bnb_4bit_use_double_quant"] else "no",
        "compute dtype": name,
        "other weights": name,
    }


def load(folder: Path, dtype: torch.dtype) -> Any:
    """Load a checkpoint, quantized or not, as a user does, with its own attention."""
    return with_own_attention(AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, device_map=device_map()).eval())


def device_map() -> str:
    """Return `auto`, which spreads a model over the GPUs, or `cpu` where there is none."""
    return "auto" if torch.cuda.is_available() else "cpu"
