"""What a training will take, from its settings, its rows and the model's config."""

from dataclasses import replace
from typing import Any

import pytest

from configs.training import Training
from records.errors import InputError
from records.preflight import CostEstimate
from student.cost.device import ASSUMED_MFU, check_memory, told
from student.cost.estimating import Rows, cost_of, setup_of, trained_tokens

QWEN_7B = {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28}
QWEN_7B |= {"num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False}
ROWS = Rows(rows=1000, tokens=4_000_000, supervised_tokens=3_000_000, longest=8000, attended=3000.0)
GIB = 1 << 30


def make_training(settings: dict[str, Any] | None = None, **fields: Any) -> Training:
    return Training.model_validate({"max_length": 8192, "settings": settings or {}} | fields)


def test_settings_and_rows_become_a_setup() -> None:
    packed = setup_of(
        QWEN_7B, make_training({"gradient_checkpointing": True}, attn_implementation="torch_varlen"), ROWS
    )
    assert (packed.tokens, packed.method, packed.packed, packed.supervised) == (8192, "full", True, 0.75)
    assert (packed.gradient_checkpointing, packed.autocast, packed.rank) == (True, True, 0)
    alone = setup_of(QWEN_7B, make_training({"packing": False, "per_device_train_batch_size": 2, "bf16": False}), ROWS)
    assert (alone.tokens, alone.packed, alone.autocast) == (16_000, False, False)
    lora = setup_of(QWEN_7B, make_training(lora={"r": 8, "modules_to_save": ["lm_head"]}), ROWS)
    assert (lora.method, lora.rank, lora.modules_to_save) == ("lora", 8, ("lm_head",))
    assert setup_of(QWEN_7B, make_training(lora={}, quantize="nf4"), ROWS).method == "qlora"


def test_several_processes_take_parts_of_a_batch() -> None:
    training = make_training({"packing": False, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2})
    found = [setup_of(QWEN_7B, training, ROWS, processes, "fsdp2") for processes in (1, 2, 4, 8)]
    assert [(setup.tokens, setup.processes, setup.sharding) for setup in found] == [
        (32_000, 1, "fsdp2"),
        (32_000, 2, "fsdp2"),
        (16_000, 4, "fsdp2"),
        (8_000, 8, "fsdp2"),
    ]
    long = make_training({"packing": False, "parallelism_config": {"cp_size": 2}, "gradient_accumulation_steps": 2})
    assert setup_of(QWEN_7B, long, ROWS, 4, "fsdp2").tokens == 4_000, "half of each row"
    refused = cost_of(QWEN_7B, training, ROWS, 3, "ddp")
    assert isinstance(refused, str)
    assert "cannot be divided among 3 processes" in refused


def test_the_estimate_is_that_of_the_measured_case() -> None:
    """7B LoRA on 8,192 packed tokens with checkpointing took 19.7 GiB on an H200 (docs/training.md)."""
    training = make_training(
        {"gradient_checkpointing": True, "optim": "adamw_torch_fused"}, attn_implementation="torch_varlen", lora={}
    )
    cost = cost_of(QWEN_7B, training, ROWS)
    assert isinstance(cost, CostEstimate)
    assert cost.memory_bytes / GIB == pytest.approx(19.7, rel=0.02)
    assert cost.tokens == 12_000_000, "three epochs are TRL's default"
    assert cost.flops / cost.tokens == pytest.approx(30e9, rel=0.1)


@pytest.mark.parametrize(
    ("settings", "tokens"),
    [
        ({"num_train_epochs": 1}, 4_000_000),
        ({"num_train_epochs": 0.5}, 2_000_000),
        ({"max_steps": 10, "packing": False}, 40_000),
        ({"max_steps": 10, "packing": False, "gradient_accumulation_steps": 3}, 120_000),
        ({"max_steps": 10}, 81_920),
        ({"max_steps": -1}, 12_000_000),
    ],
)
def test_tokens_of_all_steps(settings: dict[str, Any], tokens: int) -> None:
    assert trained_tokens(make_training(settings), ROWS) == tokens


def test_smoothed_labels_take_whole_logits() -> None:
    plain, smoothed = (
        cost_of(QWEN_7B, make_training(settings, lora={}), ROWS) for settings in ({}, {"label_smoothing_factor": 0.1})
    )
    assert isinstance(plain, CostEstimate)
    assert isinstance(smoothed, CostEstimate)
    logits = 8192 * QWEN_7B["vocab_size"]
    assert smoothed.memory_bytes - plain.memory_bytes > 8 * logits


@pytest.mark.parametrize(
    ("config", "settings", "why"),
    [
        (QWEN_7B | {"num_experts": 8}, {}, "mixture of experts"),
        ({"num_attention_heads": 2}, {}, "has no 'hidden_size'"),
        (QWEN_7B, {"optim": "adafactor"}, "optim=adafactor"),
    ],
)
def test_without_an_estimate_it_says_why(config: dict[str, Any], settings: dict[str, Any], why: str) -> None:
    cost = cost_of(config, make_training(settings), ROWS)
    assert isinstance(cost, str)
    assert why in cost


def test_hours_and_memory_of_the_gpu_at_hand() -> None:
    cost = CostEstimate(memory_bytes=20 * GIB, moment="step", tokens=1000, flops=3600 * 989.4e12 * ASSUMED_MFU)
    assert told(cost, "NVIDIA H200", 140 * GIB).startswith("20.0 GiB of 140.0, 1.0 hours on one NVIDIA H200 at 35 %")
    assert told(cost, None, 0).startswith("20.0 GiB on a GPU, 1.0 hours on one NVIDIA H100 at 35 %")
    several = replace(cost, processes=2)
    assert told(several, "NVIDIA H200", 140 * GIB).startswith("20.0 GiB of 140.0, 0.5 hours on 2 x NVIDIA H200 at 35 %")
    assert told(cost, "Abacus", 140 * GIB) == "20.0 GiB of 140.0, for 1,000 tokens"


def test_a_training_that_does_not_fit_is_refused() -> None:
    cost = CostEstimate(memory_bytes=20 * GIB, moment="step", tokens=1000, flops=1e15)
    check_memory(cost, "NVIDIA A10", 20 * GIB)
    with pytest.raises(InputError, match=r"takes about 20.0 GiB, and NVIDIA A10 has 20.0: set settings.gradient_check"):
        check_memory(cost, "NVIDIA A10", 20 * GIB - 1)
