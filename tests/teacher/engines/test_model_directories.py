"""A broken model directory is told in one line."""

import json
import shutil
from pathlib import Path

import pytest

from records.errors import InputError
from teacher.engines.model_directory import check_checkpoint
from teacher.engines.tokenizer import load_tokenizer


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", None, "no config.json, so this is not a model directory"),
        ("config.json", '{"architectures": [', "not readable as JSON"),
        ("config.json", "[]", "not a JSON object"),
        ("model.safetensors", None, "no weights"),
        ("model.safetensors", "version https://git-lfs.github.com/spec/v1\n", "not a whole safetensors file"),
        ("model.safetensors", 1000, "not a whole safetensors file"),
        (
            "model.safetensors.index.json",
            '{"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}',
            "1 of 2 weight files are missing, such as model-2.safetensors",
        ),
        (
            "pytorch_model.bin.index.json",
            '{"weight_map": {"a": "../other/pytorch_model.bin"}}',
            "weight_map must name a file of the folder for each weight",
        ),
        ("adapter_config.json", '{"base_model_name_or_path": "owner/name"}', "holds an adapter .* merge it"),
        (
            "config.json",
            '{"speculators_config": {"verifier": {"name_or_path": "owner/name"}}}',
            "another model, which speculators_config in config.json names",
        ),
        ("config.json", '{"model_type": "llama", "sliding_window": 16}', "sliding_window .* heeded by vLLM"),
        ("config.json", '{"model_type": "mistral", "logit_scale": 0.5}', "logit_scale .* heeded by vLLM"),
        (
            "config.json",
            '{"model_type": "llama", "rope_parameters": {"partial_rotary_factor": 0.5}}',
            "partial_rotary_factor .* heeded by vLLM",
        ),
        ("tokenizer.json", None, "no tokenizer"),
    ],
)
def test_a_broken_model_directory(
    tmp_path: Path, tiny_model: Path, name: str, content: str | int | None, message: str
) -> None:
    check_checkpoint(tiny_model)
    shutil.copytree(tiny_model, tmp_path / "model")
    file = tmp_path / "model" / name
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content.encode() if isinstance(content, str) else file.read_bytes()[:content])
    with pytest.raises(InputError, match=message):
        check_checkpoint(tmp_path / "model")


def test_fields_that_change_nothing_are_taken(tmp_path: Path, tiny_model: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "model")
    neutral = {"model_type": "llama", "sliding_window": None, "logit_scale": 1.0, "rope_parameters": None}
    (tmp_path / "model/config.json").write_text(json.dumps(neutral))
    check_checkpoint(tmp_path / "model")
    window = {"model_type": "mistral", "sliding_window": 4096}
    (tmp_path / "model/config.json").write_text(json.dumps(window))
    check_checkpoint(tmp_path / "model")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tokenizer.json", '{"a": 1}', "its tokenizer does not load"),
        ("chat_template.jinja", None, "its tokenizer has no chat template"),
    ],
)
def test_a_tokenizer_that_is_none(
    tmp_path: Path, tiny_model: Path, name: str, content: str | None, message: str
) -> None:
    shutil.copytree(tiny_model, tmp_path / "model")
    file = tmp_path / "model" / name
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    with pytest.raises(InputError, match=message):
        load_tokenizer(str(tmp_path / "model"))
