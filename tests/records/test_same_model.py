"""A base whose config.json makes vLLM run another model than transformers trains is refused."""

import json
import shutil
from pathlib import Path

import pytest
from transformers import (
    ApertusConfig,
    Gemma2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    ModernBertDecoderConfig,
    Phi3Config,
    PreTrainedConfig,
    Qwen2Config,
    Qwen3Config,
)

from records.errors import InputError
from records.same_model import check_same_model
from student.data.student_files import StudentOrigin


@pytest.mark.parametrize(
    ("kind", "entry", "values"),
    [
        (LlamaConfig, "sliding_window=4096", {"sliding_window": 4096}),
        (LlamaConfig, "logit_scale=5.0", {"logit_scale": 5.0}),
        (LlamaConfig, "qkv_bias=True", {"qkv_bias": True}),
        (LlamaConfig, "qkv_bias=False", {"qkv_bias": False, "attention_bias": True}),
        (LlamaConfig, "bias=True", {"bias": True}),
        (MistralConfig, "attention_bias=True", {"attention_bias": True}),
        (MistralConfig, "compression_config=", {"compression_config": {"quant_method": "compressed-tensors"}}),
        (Qwen2Config, "qk_norm=True", {"qk_norm": True}),
        (Qwen3Config, "is_causal=False", {"is_causal": False}),
        (LlamaConfig, "partial_rotary_factor=0.5", {"partial_rotary_factor": 0.5}),
        (LlamaConfig, "rotary_pct=0.25", {"rotary_pct": 0.25}),
        (Qwen3Config, "rotary_emb_fraction=0.5", {"rotary_emb_fraction": 0.5}),
    ],
)
def test_what_vllm_alone_heeds_is_refused(kind: type[PreTrainedConfig], entry: str, values: dict[str, object]) -> None:
    with pytest.raises(InputError, match=f"base: vLLM would make another model .* passes over {entry}"):
        check_same_model("base", kind(**values))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (LlamaConfig, {}),
        (
            LlamaConfig,
            {"sliding_window": None, "bias": False, "qkv_bias": False, "logit_scale": 1.0, "is_causal": True},
        ),
        (LlamaConfig, {"attention_bias": True, "qkv_bias": True, "mlp_bias": True}),
        (MistralConfig, {"sliding_window": 4096, "attention_bias": False}),
        (Gemma2Config, {"sliding_window": 512}),
        (LlamaConfig, {"partial_rotary_factor": 1.0, "rotary_pct": 1.0}),
        (ApertusConfig, {"qk_norm": True, "post_norm": False, "attention_bias": False, "mlp_bias": False}),
        (GPTNeoXConfig, {"rotary_pct": 0.25}),
        (ModernBertDecoderConfig, {"local_attention": 128}),
        (Phi3Config, {"partial_rotary_factor": 0.75}),
        (Qwen3Config, {"sliding_window": 4096, "use_sliding_window": False, "attention_bias": True}),
    ],
)
def test_what_both_heed_or_changes_nothing_is_taken(kind: type[PreTrainedConfig], values: dict[str, object]) -> None:
    check_same_model("base", kind(**values))


def test_a_student_is_checked(tmp_path: Path, tiny_model: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"is_causal": False}))
    with pytest.raises(InputError, match="passes over is_causal=False; remove that entry"):
        StudentOrigin(str(folder)).configs()
