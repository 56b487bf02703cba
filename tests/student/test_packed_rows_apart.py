"""Models in which rows packed together would see each other are trained unpacked only."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizer_makers import make_byte_tokenizer
from training_makers import answers, fit, make_training, write_dataset
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    GptOssConfig,
    GptOssForCausalLM,
    Lfm2Config,
    Qwen3_5TextConfig,
    Qwen3Config,
)

from records.errors import InputError
from student.data.student_files import Configs
from student.data.token_checks import refusals_of
from student.methods.isolation import FIRST, OTHER, check_isolation, last_row

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "initializer_range": 0.3,
}


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        (Qwen3_5TextConfig(**SIZES, vocab_size=300, layer_types=["linear_attention", "full_attention"]), True),
        (Lfm2Config(**SIZES, vocab_size=300, layer_types=["conv", "full_attention"]), True),
        (Qwen3Config(**SIZES, vocab_size=300), False),
    ],
)
def test_packs_are_refused_where_layers_carry_a_state_from_row_to_row(config: Any, refused: bool) -> None:
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config).eval()
    assert torch.equal(last_row(model, FIRST), last_row(model, OTHER)) is not refused, "or transformers has changed"
    for settings, packs in (({"packing": True}, True), ({"eval_packing": True}, True), ({"packing": False}, False)):
        files = Configs(config, GenerationConfig(eos_token_id=258))
        found = refusals_of(make_byte_tokenizer(), files, make_training(settings))
        assert [refusal.split(":")[0] for refusal in found] == (
            ["rows packed together would see each other"] if refused and packs else []
        )


@pytest.mark.parametrize("attention", ["sdpa", "eager", "flash_attention_2"])
@pytest.mark.parametrize("packing", [True, False])
def test_what_gpt_oss_cannot_be_trained_with_is_told_by_the_preflight(attention: str, packing: bool) -> None:
    """zero3 divides its weights, so that the loaded model cannot be asked for packs."""
    config = GptOssConfig(**SIZES, num_local_experts=2, num_experts_per_tok=1, head_dim=16, vocab_size=300)
    files = Configs(config, GenerationConfig(eos_token_id=258))
    training = make_training({"packing": packing}, attn_implementation=attention)
    found = " ".join(refusals_of(make_byte_tokenizer(), files, training))
    assert ("gpt_oss has no sdpa" in found) is (attention == "sdpa")
    assert ("does not build its mask from the positions" in found) is (packing and attention != "flash_attention_2")


def test_a_model_whose_mask_does_not_go_by_positions_is_trained_unpacked(tmp_path: Path, tiny_model: Path) -> None:
    """transformers 5.19 gives the masks of GPT-OSS no positions."""
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    experts = {"num_local_experts": 2, "num_experts_per_tok": 1, "head_dim": 16}
    GptOssForCausalLM(GptOssConfig(**SIZES, **experts, vocab_size=len(tokenizer))).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    data = write_dataset(tmp_path / "data", answers(8))
    with pytest.raises(InputError, match=r"gpt_oss does not build its mask from the positions; set .*packing: false"):
        fit(
            tmp_path / "packed",
            tmp_path / "base",
            data,
            make_training({"packing": True}, attn_implementation="eager"),
        )
    assert fit(tmp_path / "alone", tmp_path / "base", data, make_training(attn_implementation="eager")).rows == 8


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_a_model_that_keeps_rows_apart_is_packed(attention: str, tiny_model: Path) -> None:
    check_isolation(AutoModelForCausalLM.from_pretrained(tiny_model, attn_implementation=attention), "tiny")
