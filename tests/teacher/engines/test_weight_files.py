"""A model directory of which transformers and vLLM would read different weights is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from records.errors import InputError
from records.same_model import QUANTIZED_BESIDE, check_quantization
from teacher.engines.checkpoint import read_checkpoint

WEIGHTS = "model.safetensors"
Tensors = dict[str, torch.Tensor]


def set_in_config(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


def write_index(folder: Path, files: dict[str, str]) -> None:
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps({"metadata": {}, "weight_map": files}))


def another_file(folder: Path, tensors: Tensors) -> None:
    save_file(tensors, folder / "old.safetensors")


def whole_and_index(folder: Path, tensors: Tensors) -> None:
    save_file(tensors, folder / "model-00001-of-00001.safetensors")
    write_index(folder, dict.fromkeys(tensors, "model-00001-of-00001.safetensors"))


def mistrals_own(folder: Path, tensors: Tensors) -> None:
    save_file(tensors, folder / "consolidated.safetensors")


def named_in_config(folder: Path, tensors: Tensors) -> None:
    another_file(folder, tensors)
    set_in_config(folder, transformers_weights="old.safetensors")


def other_name_and_bin(folder: Path, tensors: Tensors) -> None:
    (folder / WEIGHTS).rename(folder / "weights.safetensors")
    torch.save(tensors, folder / "pytorch_model.bin")


def two_bins(folder: Path, tensors: Tensors) -> None:
    (folder / WEIGHTS).unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    torch.save(tensors, folder / "old.bin")


def twice(folder: Path, tensors: Tensors) -> None:
    (folder / WEIGHTS).rename(folder / "model-00001-of-00002.safetensors")
    save_file(tensors, folder / "model-00002-of-00002.safetensors")
    first, *others = tensors
    names = {first: "model-00001-of-00002.safetensors"} | dict.fromkeys(others, "model-00002-of-00002.safetensors")
    write_index(folder, names)


def tied_to_others(folder: Path, tensors: Tensors) -> None:
    head = {"lm_head.weight": tensors["model.embed_tokens.weight"] + 1}
    save_file(load_file(folder / WEIGHTS) | head, folder / WEIGHTS, metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (another_file, "old.safetensors is not of model.safetensors"),
        (whole_and_index, "model.safetensors is not of the index"),
        (mistrals_own, "because of consolidated.safetensors"),
        (named_in_config, "transformers_weights in config.json"),
        (other_name_and_bin, "weights.safetensors is not of model.safetensors"),
        (two_bins, "old.bin is not of pytorch_model.bin"),
        (twice, "model-00002-of-00002.safetensors: holds another .* than model-00001-of-00002.safetensors"),
        (tied_to_others, "lm_head.weight differs from the embeddings"),
    ],
)
def test_other_weights_for_vllm_are_refused(
    tmp_path: Path, tiny_model: Path, plant: Callable[[Path, Tensors], None], message: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    plant(folder, {name: tensor * 2 for name, tensor in load_file(folder / WEIGHTS).items()})
    with pytest.raises(InputError, match=message):
        read_checkpoint(str(folder), None)


def whole(folder: Path, tensors: Tensors) -> None:
    pass


def sharded(folder: Path, tensors: Tensors) -> None:
    (folder / WEIGHTS).rename(folder / "model-00001-of-00001.safetensors")
    write_index(folder, dict.fromkeys(tensors, "model-00001-of-00001.safetensors"))
    save_file(tensors, folder / "old.safetensors")  # neither reads what the index does not name


def index_of_one(folder: Path, tensors: Tensors) -> None:
    write_index(folder, dict.fromkeys(tensors, WEIGHTS))


def bin_beside(folder: Path, tensors: Tensors) -> None:
    torch.save(tensors, folder / "pytorch_model.bin")


def only_bin(folder: Path, tensors: Tensors) -> None:
    (folder / WEIGHTS).unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    (folder / "training_args.bin").write_bytes(b"")


def tied_and_equal(folder: Path, tensors: Tensors) -> None:
    head = {"lm_head.weight": tensors["model.embed_tokens.weight"] / 2}
    save_file(load_file(folder / WEIGHTS) | head, folder / WEIGHTS, metadata={"format": "pt"})


def equal_twice(folder: Path, tensors: Tensors) -> None:
    scalar = torch.ones(())
    twice(folder, {name: tensor / 2 for name, tensor in tensors.items()} | {"one": scalar})
    for file in folder.glob("model-*.safetensors"):
        save_file(load_file(file) | {"one": scalar}, file)


@pytest.mark.parametrize("plant", [equal_twice, whole, sharded, index_of_one, bin_beside, only_bin, tied_and_equal])
def test_the_same_weights_for_both_are_taken(
    tmp_path: Path, tiny_model: Path, plant: Callable[[Path, Tensors], None]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    plant(folder, {name: tensor * 2 for name, tensor in load_file(folder / WEIGHTS).items()})
    read_checkpoint(str(folder), None)


def test_weights_that_vllm_alone_takes_as_quantized(tmp_path: Path, tiny_model: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    check_quantization(folder, {"quantization_config": None})
    assert not read_checkpoint(str(folder), None).quantized
    with pytest.raises(InputError, match="because of compression_config"):
        check_quantization(folder, {"compression_config": {"quant_method": "compressed-tensors"}})
    (folder / QUANTIZED_BESIDE).write_text('{"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8"}}')
    with pytest.raises(
        InputError, match=f"vLLM alone would take its weights as quantized, because of {QUANTIZED_BESIDE}"
    ):
        check_quantization(folder, {})
    assert read_checkpoint(str(folder), None).quantized  # measured as it is, in full only
    check_quantization(folder, {"quantization_config": {"quant_method": "fp8"}})  # for both: refused when it is loaded
