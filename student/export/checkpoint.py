"""Turns a trained model directory into a Hugging Face checkpoint: weights, tokenizer, generation config, model card."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from configs.publishing import Publishing
from records.counts import ExportCounts
from records.files import sync, write_json
from student.export.card import Card, write_card
from student.export.files import DTYPES, copy_companions, read_config, weight_files

INDEX = "model.safetensors.index.json"


def export(
    folder: Path, trained: Path, publishing: Publishing, card: Card, max_tokens: int, dtype: str
) -> ExportCounts:
    """Copy the trained model's files into `folder`, and add generation defaults and the model card as `README.md`.

    `trained` is a model directory with `*.safetensors` weights and a `generation_config.json`. The weights are cast to
    `dtype`, the student's, in which they are scored: engines cast them in the same way when they load them.
    `max_tokens` is the default bound on a completion. Errors: InputError if there are no weights.
    """
    weights_bytes = cast(folder, trained, DTYPES[dtype])
    copy_companions(trained, folder)
    settings = json.loads((trained / "generation_config.json").read_text())
    write_json(folder / "generation_config.json", settings | decoding(publishing) | {"max_new_tokens": max_tokens})
    write_card(folder, card)
    return ExportCounts(weights_bytes=weights_bytes)


def cast(folder: Path, trained: Path, dtype: torch.dtype) -> int:
    """Write the weights in `dtype` with their config, one file after the other, and return the weights' size.

    A file that already has the dtype is copied as it is.
    """
    for file in weight_files(trained):
        tensors = load_file(file)
        floats = {name for name, tensor in tensors.items() if tensor.is_floating_point()}
        if all(tensors[name].dtype == dtype for name in floats):
            shutil.copy2(file, folder / file.name)
            continue
        converted = {name: tensor.to(dtype) if name in floats else tensor for name, tensor in tensors.items()}
        # It writes a file of its own beside it, and renames that: the weights are there whole, and through no link.
        save_file(converted, folder / file.name, metadata={"format": "pt"})
        sync(folder / file.name)
    size = sum(file.stat().st_size for file in weight_files(folder))
    if (trained / INDEX).exists():
        index = json.loads((trained / INDEX).read_text(encoding="utf-8"))
        write_json(folder / INDEX, index | {"metadata": index["metadata"] | {"total_size": size}})
    write_json(folder / "config.json", read_config(trained) | {"dtype": str(dtype).removeprefix("torch.")})
    return size


def decoding(publishing: Publishing) -> dict[str, Any]:
    """Return the decoding defaults in transformers' words. `generate` raises for a temperature of 0, and an absent
    `top_k` is 50 there."""
    if publishing.temperature == 0:
        return {"do_sample": False}
    shaping = {"temperature": publishing.temperature, "top_p": publishing.top_p, "top_k": publishing.top_k}
    return {"do_sample": True} | shaping
