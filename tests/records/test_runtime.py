"""What a model was sampled with is noted beside its traces, once for each runtime, and read back."""

from dataclasses import replace
from pathlib import Path

import pytest
from runtime_makers import VLLM

from records.errors import InputError
from records.quantization import BITSANDBYTES, dtype_of, quantization_of
from records.runtime import copy_runtimes, in_words, keep_runtime, read_runtimes

QUANTIZED = replace(VLLM, quantization="bitsandbytes 0.50.2 nf4 computed in bfloat16")


def test_equal_runtimes_are_kept_once_and_read_back(tmp_path: Path) -> None:
    for runtime in (VLLM, QUANTIZED, VLLM):
        keep_runtime(tmp_path, runtime)
    assert sorted(map(str, read_runtimes(tmp_path))) == sorted(map(str, (VLLM, QUANTIZED)))
    assert set(read_runtimes(tmp_path)) == {VLLM, QUANTIZED}


@pytest.mark.parametrize(
    "note", ["{", "[" * 100_000, "[]", "null", '{"engine": 1}', '{"engine": "vllm", "stop_tokens": 7}']
)
def test_a_note_of_something_else_is_named(tmp_path: Path, note: str) -> None:
    (tmp_path / "runtime-0.json").write_text(note)
    with pytest.raises(InputError, match=r"runtime-0\.json: says nothing of an engine"):
        read_runtimes(tmp_path)


def test_a_folder_without_a_note_says_nothing(tmp_path: Path) -> None:
    assert read_runtimes(tmp_path) == []


def test_what_is_taken_over_brings_its_runtime(tmp_path: Path) -> None:
    source, folder = tmp_path / "a", tmp_path / "b"
    for each in (source, folder):
        each.mkdir()
    keep_runtime(source, QUANTIZED)
    keep_runtime(folder, VLLM)
    copy_runtimes(source, folder)
    assert set(read_runtimes(folder)) == {VLLM, QUANTIZED}


def test_a_runtime_in_words_holds_all_of_it() -> None:
    assert in_words([VLLM, VLLM]) == (
        "vllm 0.32.0, cpu, CPU_ATTN, bfloat16, eager, stops at <|im_end|> <|endoftext|>, no penalties, template 0a1b2c"
    )
    assert "penalties 1.1/0.0/0.0" in str(replace(VLLM, penalties=(1.1, 0.0, 0.0)))
    assert "compiled" in str(replace(VLLM, eager=False))


@pytest.mark.parametrize(
    ("precision", "told"),
    [
        ("int8", "int8 computed in float16"),
        ("nf4", "nf4 with double quantization computed in bfloat16"),
        ("nf4_plain", "nf4 computed in bfloat16"),
        ("fp4", "fp4 computed in bfloat16"),
    ],
)
def test_quantization_in_words(precision: str, told: str) -> None:
    settings = {"quant_method": "bitsandbytes", "load_in_8bit": False} | BITSANDBYTES[precision]
    assert quantization_of({"quantization_config": settings}, "bfloat16").endswith(told)


def test_other_quantizations_are_named_and_none_is_empty() -> None:
    assert quantization_of({}, "bfloat16") == ""
    assert quantization_of({"quantization_config": {"quant_method": "awq"}}, "bfloat16") == "awq"


def test_quantized_models_compute_in_16_bits() -> None:
    assert [dtype_of("nf4", dtype) for dtype in ("float32", "auto", "float16")] == ["bfloat16", "bfloat16", "float16"]
    assert dtype_of("full", "float32") == "float32"
