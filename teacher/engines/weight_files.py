"""Checks that transformers and vLLM read the same weights from a model directory.

transformers (5.19, `_get_resolved_checkpoint_files`) reads `model.safetensors`, or else the files of its index, or else
`pytorch_model.bin`, or the files of that index; `transformers_weights` in config.json names another file. vLLM (0.32,
`DefaultModelLoader._prepare_weights`) reads all `*.safetensors`, of which an index leaves those that it names, or else
all `*.bin`; `consolidated*.safetensors` (Mistral's own form) goes before them. A student would be trained on one set of
weights and measured with the other, and nothing would say so.
"""

from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from records.errors import InputError

SINGLE = {".safetensors": "model.safetensors", ".bin": "pytorch_model.bin"}
"""The file that holds all weights, by its ending; the index of several files has `.index.json` behind that name."""
NO_WEIGHTS = ("training_args.bin", "optimizer.bin")
"""Files that vLLM passes over, as transformers does."""
HEAD, EMBEDDINGS = "lm_head.weight", "model.embed_tokens.weight"
ROWS = 4096
"""Rows that are compared at a time."""


def check_weight_files(folder: Path, config: dict[str, Any], indices: dict[str, set[str]]) -> None:
    """Check the weights of a model directory. `indices` holds the files that each index names, by the index's name.

    Errors: InputError for no weights, a file that is not whole, files of which transformers reads others than vLLM, a
    tensor that stands in two of them, and a head that differs from the embeddings which config.json ties to it.
    """
    named = config.get("transformers_weights")
    if named not in (None, SINGLE[".safetensors"], index_of(".safetensors")):
        raise InputError(f"{folder}: transformers_weights in config.json leads transformers alone elsewhere; remove it")
    found = {ending: files_of(folder, ending) for ending in SINGLE}
    ending = next((ending for ending, files in found.items() if files), None)
    if ending is None:
        raise InputError(f"{folder}: no weights (*.safetensors) beside config.json; correct the model's path")
    files, single, listed = found[ending], SINGLE[ending], indices.get(index_of(ending))
    if listed is None:
        others = files - {single} if single in files or found[".bin"] else set()  # else transformers finds none
    else:
        others = (files if ending == ".bin" else files & {single}) - listed  # vLLM heeds an index of safetensors alone
    if others:
        raise InputError(
            f"{folder}: transformers and vLLM would read different weights, because {min(others)} is not of "
            f"{'the index' if listed else single}; move away what does not belong to the model"
        )
    if ending == ".safetensors":
        check_tensors(folder, sorted(listed or files), config)


def index_of(ending: str) -> str:
    return f"{SINGLE[ending]}.index.json"


def files_of(folder: Path, ending: str) -> set[str]:
    """Return the names of the weight files, without Mistral's own beside others."""
    names = {file.name for file in folder.glob(f"*{ending}")} - {*NO_WEIGHTS}
    return names - consolidated(folder) or names


def consolidated(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("consolidated*.safetensors")}


def check_consolidated(folder: Path) -> None:
    """Errors: InputError for weights in Mistral's own form beside others: vLLM reads the former alone, transformers the
    latter."""
    own = consolidated(folder)
    if own and files_of(folder, ".safetensors") - own:
        raise InputError(
            f"{folder}: transformers and vLLM would read different weights, because of {min(own)}; move it away"
        )


def check_tensors(folder: Path, files: list[str], config: dict[str, Any]) -> None:
    """Check the tensors of safetensors files. Errors: InputError."""
    places: dict[str, Path] = {}
    for name in files:
        file = folder / name
        for tensor in names_in(file):
            if tensor in places and not are_equal((places[tensor], tensor), (file, tensor)):
                raise InputError(f"{file}: holds another {tensor} than {places[tensor].name}; download it again")
            places[tensor] = file
    text = config.get("text_config")
    tied = (text if isinstance(text, dict) else config).get("tie_word_embeddings")
    both = [(places[name], name) for name in (HEAD, EMBEDDINGS) if name in places]
    if tied and len(both) == 2 and not are_equal(*both):
        raise InputError(
            f"{folder}: {HEAD} differs from the embeddings, to which config.json ties it: transformers would use it, "
            "and vLLM would not; set tie_word_embeddings to false in config.json, or remove the tensor"
        )


def names_in(file: Path) -> list[str]:
    """Return the names of a file's tensors. Errors: InputError for one that is not whole."""
    try:
        with safe_open(file, "pt") as weights:
            return list(weights.keys())
    except SafetensorError as error:
        raise InputError(f"{file}: not a whole safetensors file ({error}); download it again") from error


def are_equal(one: tuple[Path, str], other: tuple[Path, str]) -> bool:
    """Compare two tensors, each given by its file and name, bit by bit and some rows at a time."""
    import torch  # takes 2 s, and few models have what is to be compared

    with safe_open(one[0], "pt") as ours, safe_open(other[0], "pt") as theirs:
        first, second = ours.get_slice(one[1]), theirs.get_slice(other[1])
        shape = first.get_shape()
        if (shape, first.get_dtype()) != (second.get_shape(), second.get_dtype()):
            return False
        parts = [slice(at, at + ROWS) for at in range(0, shape[0], ROWS)] if shape else [...]
        bits = ([tensor[part].reshape(-1).view(torch.uint8) for tensor in (first, second)] for part in parts)
        return all(torch.equal(*pair) for pair in bits)
