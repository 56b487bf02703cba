"""Reads and copies the files of a trained model directory."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from records.errors import InputError

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
"""The type in which a student is saved, scored and published, by `student.dtype`."""
COMPANIONS = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tokenizer.model"),
    *("vocab.json", "merges.txt", "chat_template.jinja", "generation_config.json"),
)
"""Files that belong to a model besides weights and config; what else lies there is about its training."""


def weight_files(trained: Path) -> list[Path]:
    """Return the model's safetensors files. Errors: InputError if there are none."""
    files = sorted(trained.glob("*.safetensors"))
    if not files:
        raise InputError(
            f"{trained}: holds no *.safetensors weights; convert them, or delete the folder to train again"
        )
    return files


def tensors_of(files: list[Path]) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield name and value of every tensor, one at a time: a model need not fit into memory."""
    for file in files:
        with safe_open(file, "pt") as weights:
            for name in weights.keys():  # noqa: SIM118  (it is no mapping)
                yield name, weights.get_tensor(name)


def shapes_of(files: list[Path]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for file in files:
        with safe_open(file, "pt") as weights:
            for name in weights.keys():  # noqa: SIM118
                yield name, tuple(weights.get_slice(name).get_shape())


def copy_companions(trained: Path, folder: Path) -> None:
    """Copy what belongs to a model besides weights and config: tokenizer, chat template, generation config."""
    for name in COMPANIONS:
        if (trained / name).is_file():
            shutil.copy2(trained / name, folder / name)


def read_config(trained: Path) -> dict[str, Any]:
    """Read `config.json`. Errors: InputError if it is missing or broken."""
    file = trained / "config.json"
    try:
        config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{trained}: no config.json, so this is not a model directory") from None
    except ValueError as error:
        raise InputError(f"{file}: not JSON ({error}); delete the folder to train again") from error
    return config
