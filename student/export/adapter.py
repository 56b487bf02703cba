"""Exports the LoRA adapter of a training that had one, to be used on top of the base model."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from records.attention import with_own_attention
from records.errors import InputError
from records.files import ADAPTER_CONFIG, write_json
from student.export.files import copy_companions
from student.export.quantized import device_map
from student.methods.adapters import ADAPTER


def export_adapter(trained: Path, folder: Path, base: str) -> dict[str, str]:
    """Copy the adapter and the tokenizer into `folder`, and return its settings in words.

    `base` is the base model's name, which users will load it on. Errors: InputError if `trained` has no adapter.
    """
    adapter = trained / ADAPTER
    if not (adapter / ADAPTER_CONFIG).is_file():
        raise InputError(
            f"{trained}: holds no {ADAPTER}/ (trained without lora?); remove adapter from publishing.formats"
        )
    copy_companions(trained, folder)
    for file in sorted(adapter.glob("adapter_model*.safetensors")):
        shutil.copy2(file, folder / file.name)
    settings = json.loads((adapter / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    write_json(folder / ADAPTER_CONFIG, settings | {"base_model_name_or_path": base})
    return {"method": "LoRA (peft)", "rank": str(settings["r"]), "alpha": str(settings["lora_alpha"]), "base": base}


def load_on_base(folder: Path, location: str, revision: str | None, dtype: torch.dtype) -> Any:
    """Load the base model from `location`, a directory or hub name, with the exported adapter on it."""
    base = AutoModelForCausalLM.from_pretrained(
        location, revision=revision, trust_remote_code=False, dtype=dtype, device_map=device_map()
    )
    return PeftModel.from_pretrained(with_own_attention(base), str(folder)).eval()
