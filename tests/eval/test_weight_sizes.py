"""The bytes of a model's weights are those of its files, and of its tensors as they are loaded."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from eval.weight_sizes import weight_sizes


def model(folder: Path, tensors: dict[str, np.ndarray], **config: object) -> Path:
    folder.mkdir()
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("bfloat16", 2), ("float16", 2)])
def test_unquantized_weights_are_loaded_in_the_models_dtype(tmp_path: Path, dtype: str, size: int) -> None:
    tensors = {"a": np.zeros((3, 5), np.float32), "b": np.zeros(7, np.float16), "steps": np.zeros(2, np.int64)}
    folder = model(tmp_path / "full", tensors)
    on_disk, loaded = weight_sizes(str(folder), "full", dtype)
    assert on_disk.value == (folder / "model.safetensors").stat().st_size > 60 + 14 + 16
    assert loaded.value == size * (15 + 7) + 16


def test_quantized_weights_are_loaded_as_they_are_stored(tmp_path: Path) -> None:
    tensors = {"packed": np.zeros((8, 1), np.uint8), "absmax": np.zeros(2, np.float32)}
    folder = model(tmp_path / "nf4", tensors, quantization_config={"load_in_4bit": True})
    assert weight_sizes(str(folder), "nf4", "bfloat16")[1].value == 8 + 8


def test_what_cannot_be_known_says_why(tmp_path: Path) -> None:
    folder = model(tmp_path / "full", {"a": np.zeros(3, np.float32)})
    for figure in weight_sizes(str(folder), "nf4", "bfloat16"):
        assert (figure.value, figure.why) == (
            None,
            "not computed: nf4 was made in memory, from the unquantized weights, and is nowhere on disk",
        )
    assert weight_sizes("owner/name", "full", "bfloat16")[0].why.endswith("they were loaded from a hub name")
