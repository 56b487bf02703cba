"""The published checkpoint holds the weights that were scored, and decodes as they did."""

import json
import shutil
from pathlib import Path
from typing import get_args

import pytest
import torch
from card_makers import CARD
from conftest import ROOT
from safetensors.torch import load_file
from training_makers import answers, fit, make_training, write_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

from configs.load import ConfigError, load_config
from configs.models import Student
from configs.publishing import Publishing
from student.export.checkpoint import cast, decoding, export
from student.export.files import DTYPES


def test_at_temperature_0_the_checkpoint_is_greedy(tiny_model: Path, tmp_path: Path) -> None:
    export(tmp_path, tiny_model, Publishing(temperature=0), CARD, 4, "float32")
    said = json.loads((tmp_path / "generation_config.json").read_text())
    assert said["do_sample"] is False
    assert not said.keys() & {"temperature", "top_p", "top_k"}
    model, tokenizer = AutoModelForCausalLM.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(tmp_path)
    ids = tokenizer("1 + 1?", return_tensors="pt")
    first, second = (model.generate(**ids).tolist() for _ in range(2))  # it raised for a temperature of 0
    assert first == second


def test_above_it_nothing_is_left_to_transformers_defaults(tiny_model: Path, tmp_path: Path) -> None:
    trained = tmp_path / "trained"
    shutil.copytree(tiny_model, trained)
    export(tmp_path, trained, Publishing(temperature=0.1), CARD, 4, "float32")
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    said = model.generation_config
    assert (said.do_sample, said.temperature, said.top_p, said.top_k) == (True, 0.1, 0.95, 0)
    assert decoding(Publishing(top_k=20))["top_k"] == 20


def test_weights_are_published_as_an_engine_casts_them(tiny_model: Path, tmp_path: Path) -> None:
    size = cast(tmp_path, tiny_model, torch.bfloat16)
    published = load_file(tmp_path / "model.safetensors")
    loaded = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.bfloat16).state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in published.items())
    assert {tensor.dtype for tensor in published.values()} == {torch.bfloat16}
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    assert 2 * size < 1.1 * (tiny_model / "model.safetensors").stat().st_size
    assert AutoModelForCausalLM.from_pretrained(tmp_path, dtype="auto").dtype == torch.bfloat16


def test_weights_that_need_no_cast_are_copied(tiny_model: Path, tmp_path: Path) -> None:
    cast(tmp_path, tiny_model, torch.float32)
    assert (tmp_path / "model.safetensors").read_bytes() == (tiny_model / "model.safetensors").read_bytes()


def test_weights_in_several_files_keep_their_index(tiny_model: Path, tmp_path: Path) -> None:
    split, out = tmp_path / "split", tmp_path / "out"
    out.mkdir()
    AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).save_pretrained(split, max_shard_size="200KB")
    size = cast(out, split, torch.bfloat16)
    index = json.loads((out / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == size
    assert {*index["weight_map"].values()} == {file.name for file in out.glob("*.safetensors")}
    assert len(list(out.glob("*.safetensors"))) > 1
    assert AutoModelForCausalLM.from_pretrained(out).dtype == torch.bfloat16


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_published_weights_are_the_saved_ones_which_are_scored(
    dtype: str, tiny_model: Path, tmp_path: Path
) -> None:
    """Whatever the type of the training, here float32: evaluation loads what the training saved."""
    training = make_training({"max_steps": 1})
    fit(tmp_path / "trained", tiny_model, write_dataset(tmp_path / "data", answers(4)), training, dtype=dtype)
    export(tmp_path, tmp_path / "trained", Publishing(), CARD, 4, dtype)
    for name in ("model.safetensors", "config.json"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "trained" / name).read_bytes()
    assert {weight.dtype for weight in load_file(tmp_path / "model.safetensors").values()} == {DTYPES[dtype]}


def test_a_student_without_a_type_of_its_own_is_refused() -> None:
    """vLLM's `auto` would score float16 on one GPU and bfloat16 on another."""
    assert {*DTYPES} == {*get_args(Student.model_fields["dtype"].annotation)}
    with pytest.raises(ConfigError, match=r"student\.dtype: Input should be 'bfloat16', 'float16' or 'float32'"):
        load_config(ROOT / "configs/demo/tiny.yaml", ["student.dtype=auto"])
