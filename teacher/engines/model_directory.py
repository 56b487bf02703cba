"""Checks a local model directory before an engine spends a minute starting on it."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from records.errors import InputError
from records.files import ADAPTER_CONFIG

INDICES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "tekken.json", "tiktoken.model")


def check_checkpoint(path: Path) -> None:
    """Check that a model directory is complete.

    Errors: InputError for a missing or broken config.json, for missing or incomplete weights, for a missing tokenizer,
    in whose place transformers would silently make an empty one, and for an adapter beside the weights, which
    transformers would put onto them and vLLM would not.
    """
    read_json(path / "config.json")
    if (path / ADAPTER_CONFIG).exists():
        raise InputError(f"{path}: holds an adapter ({ADAPTER_CONFIG}); merge it into the weights, or move it away")
    listed = {name for index in INDICES if (path / index).exists() for name in files_in_index(path / index)}
    missing = sorted(name for name in listed if not (path / name).is_file())
    if missing:
        raise InputError(f"{path}: {len(missing)} of {len(listed)} weight files are missing, such as {missing[0]}")
    files = sorted(path.glob("*.safetensors"))
    if not files and not list(path.glob("*.bin")):
        raise InputError(f"{path}: no weights (*.safetensors) beside config.json; correct the model's path")
    for file in files:
        try:
            with safe_open(file, "pt"):
                pass
        except SafetensorError as error:
            raise InputError(f"{file}: not a whole safetensors file ({error}); download it again") from error
    if not any((path / name).is_file() for name in TOKENIZERS):
        raise InputError(f"{path}: no tokenizer ({', '.join(TOKENIZERS)}) beside config.json; correct the model's path")


def files_in_index(index: Path) -> set[str]:
    """Return the names of the weight files. Errors: InputError unless they are names within the folder."""
    names = read_json(index).get("weight_map", {})
    if not isinstance(names, dict) or not all(isinstance(name, str) and is_plain(name) for name in names.values()):
        raise InputError(f"{index}: weight_map must name a file of the folder for each weight; download it again")
    return {*names.values()}


def is_plain(name: str) -> bool:
    return name == Path(name).name


def read_json(file: Path) -> dict[str, Any]:
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{file.parent}: no {file.name}, so this is not a model directory") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: not readable as JSON ({error})") from error
    if not isinstance(tree, dict):
        raise InputError(f"{file}: not a JSON object")
    return tree
