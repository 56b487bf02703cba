"""Checks a local model directory before an engine spends a minute starting on it."""

import json
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.files import ADAPTER_CONFIG
from teacher.engines.weight_files import check_weight_files

INDICES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SPECULATOR = "speculators_config"
ANOTHER_MODEL = (
    f"vLLM would load another model, which {SPECULATOR} in config.json names, and this one to guess its tokens; give "
    "that model, or remove the entry"
)
"""Said of a model whose own weights transformers would load (vllm/transformers_utils/config.py,
`maybe_override_with_speculators`)."""
HEEDED_BY_VLLM: dict[str, dict[str, Any]] = {
    "llama": {"sliding_window": None, "logit_scale": 1, "partial_rotary_factor": 1},
    "mistral": {"logit_scale": 1},
    "phi3": {"logit_scale": 1},
}
"""Fields of a config.json that vLLM heeds and transformers passes over, by model_type, with the values that change
nothing: tiny models of random weights with such fields differed by over 1 in the logarithm of a token's probability."""
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "tekken.json", "tiktoken.model")


def check_checkpoint(path: Path) -> None:
    """Check that a model directory is complete.

    Errors: InputError for a missing or broken config.json, for missing or incomplete weights and those that
    transformers and vLLM read differently, for a missing tokenizer, in whose place transformers would silently make an
    empty one, for an adapter beside the weights, which transformers would put onto them and vLLM would not, and for a
    config.json that names another model for vLLM, or has it compute otherwise than transformers.
    """
    config = read_json(path / "config.json")
    check_fields(path, config)
    if SPECULATOR in config:
        raise InputError(f"{path}: {ANOTHER_MODEL}")
    if (path / ADAPTER_CONFIG).exists():
        raise InputError(f"{path}: holds an adapter ({ADAPTER_CONFIG}); merge it into the weights, or move it away")
    indices = {index: files_in_index(path / index) for index in INDICES if (path / index).exists()}
    listed = {name for names in indices.values() for name in names}
    missing = sorted(name for name in listed if not (path / name).is_file())
    if missing:
        raise InputError(f"{path}: {len(missing)} of {len(listed)} weight files are missing, such as {missing[0]}")
    check_weight_files(path, config, indices)
    if not any((path / name).is_file() for name in TOKENIZERS):
        raise InputError(f"{path}: no tokenizer ({', '.join(TOKENIZERS)}) beside config.json; correct the model's path")


def check_fields(path: Path, config: dict[str, Any]) -> None:
    """Errors: InputError for a field that vLLM alone heeds: a student would be trained as one model, and measured as
    another."""
    rope = config.get("rope_parameters") or config.get("rope_scaling")
    said = config | (rope if isinstance(rope, dict) else {})
    for name, neutral in HEEDED_BY_VLLM.get(str(config.get("model_type")), {}).items():
        if said.get(name) not in (None, neutral):
            raise InputError(
                f"{path}: {name} in config.json is heeded by vLLM and not by transformers, in which a student is "
                "trained; remove it"
            )


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
