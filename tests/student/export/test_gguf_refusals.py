"""What cannot become a GGUF file is refused, and leaves no file behind."""

import errno
import json
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from export_makers import make_student
from safetensors.torch import load_file, save_file

from records.errors import InputError
from student.export.gguf import convert
from student.export.gguf_tokenizer import pre_tokenizer


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_student(tmp_path_factory.mktemp("students") / "qwen3")


@pytest.fixture
def student(whole: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return shutil.copytree(whole, tmp_path / "student")


def refused(trained: Path, kind: str = "gguf_f16") -> str:
    """Expect a refusal that leaves no file behind, and return its message."""
    out = trained.parent / "out"
    out.mkdir()
    with pytest.raises(InputError) as error:
        convert(trained, out / "model.gguf", kind, torch.float32, "made")
    assert not list(out.iterdir())
    return str(error.value)


def test_an_unknown_architecture_is_named_with_the_supported_ones(student: Path) -> None:
    config = json.loads((student / "config.json").read_text())
    (student / "config.json").write_text(json.dumps(config | {"model_type": "phi3"}))
    assert "phi3 cannot be exported to GGUF (supported: llama, qwen2, qwen3)" in refused(student)


def test_an_unknown_rope_scaling(student: Path) -> None:
    config = json.loads((student / "config.json").read_text())
    rope = {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0}
    (student / "config.json").write_text(json.dumps(config | {"rope_parameters": rope}))
    assert "rope scaling dynamic" in refused(student)


def test_a_model_without_weights(student: Path) -> None:
    (student / "model.safetensors").unlink()
    assert "holds no *.safetensors weights" in refused(student)


def test_a_tensor_without_a_place(student: Path) -> None:
    weights = load_file(student / "model.safetensors")
    save_file(weights | {"model.extra.weight": torch.zeros(2, 32)}, student / "model.safetensors")
    assert "model.extra.weight: GGUF has no place for it in qwen3" in refused(student)


def test_a_value_beyond_float16(student: Path) -> None:
    weights = load_file(student / "model.safetensors")
    for value, fits in ((65504.0, True), (65536.0, False)):
        weights["lm_head.weight"][0, 0] = value
        save_file(weights, student / "model.safetensors")
        if fits:
            convert(student, student.parent / "largest.gguf", "gguf_f16", torch.float32, "made")
        else:
            assert "output.weight: holds values beyond float16's 65504" in refused(student)


@pytest.mark.parametrize("kind", ["gguf_f16", "gguf_q8_0", "gguf_q4_0"])
@pytest.mark.parametrize("name", ["lm_head.weight", "model.norm.weight"])
def test_a_value_that_is_no_number(student: Path, name: str, kind: str) -> None:
    weights = load_file(student / "model.safetensors")
    weights[name].view(-1)[0] = float("nan")
    save_file(weights, student / "model.safetensors")
    assert "holds NaN or infinite values" in refused(student, kind)


def test_an_activation_that_llama_cpp_does_not_compute(student: Path) -> None:
    config = json.loads((student / "config.json").read_text())
    (student / "config.json").write_text(json.dumps(config | {"hidden_act": "gelu"}))
    assert "llama.cpp computes qwen3 with silu alone" in refused(student)


def test_a_vocabulary_larger_than_the_embedding(student: Path) -> None:
    config = json.loads((student / "config.json").read_text())
    (student / "config.json").write_text(json.dumps(config | {"vocab_size": 200}))
    assert "but the embedding only 200 rows" in refused(student)


TREE = {
    "model": {"type": "BPE", "ignore_merges": False},
    "normalizer": None,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model": {"type": "Unigram"}}, "it is Unigram, not BPE"),
        ({"model": {"type": "WordPiece"}}, "it is WordPiece, not BPE"),
        ({"normalizer": {"type": "Lowercase"}}, "it normalizes text"),
        ({"pre_tokenizer": None}, "knows no name"),
        ({"pre_tokenizer": {"type": "Metaspace"}}, "knows no name"),
        ({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True}}, "knows no name"),
        ({"model": {"type": "BPE", "ignore_merges": True}}, "whole words"),
    ],
)
def test_tokenizers_that_llama_cpp_would_read_otherwise(change: dict[str, Any], reason: str) -> None:
    assert pre_tokenizer(TREE, "here") == "gpt-2"
    with pytest.raises(InputError, match=reason):
        pre_tokenizer(TREE | change, "here")


def test_a_full_disk_is_told_as_one_and_leaves_no_half_file(student: Path, tmp_path: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    out = tmp_path / "out"
    out.mkdir()
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large") as error:
            convert(student, out / "model.gguf", "gguf_f16", torch.float32, "made")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error.value.errno == errno.EFBIG, "the system's own number, as ENOSPC would be"
    assert not list(out.iterdir())
