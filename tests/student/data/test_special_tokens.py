"""Tokenizer, config and generation config agree on where a turn ends and what fills a batch."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tokenizer_makers import CHATML, make_byte_tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from records.errors import InputError
from records.special_tokens import stop_ids, stop_token
from student.data.special_tokens import align_special_tokens, pad_token

# Special tokens of published models, as their tokenizer_config.json list them.
LLAMA_3_1 = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|finetune_right_pad_id|>"]
LLAMA_3_1 += ["<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>"]
LLAMA_3 = [token for token in LLAMA_3_1 if "pad" not in token]
LLAMA_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
R1_DISTILL = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<|▁pad▁|>", "<｜User｜>", "<｜Assistant｜>"]
R1_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}<｜User｜>{{ m.content }}{% else %}"
    "<｜Assistant｜>{{ m.content }}<｜end▁of▁sentence｜>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<｜Assistant｜>{% endif %}"
)


def llama(special: list[str], **roles: Any) -> Any:
    return make_byte_tokenizer(LLAMA_TEMPLATE, special, eos="<|end_of_text|>", bos="<|begin_of_text|>", **roles)


def r1_distill(pad: str) -> Any:
    return make_byte_tokenizer(R1_TEMPLATE, R1_DISTILL, eos=R1_DISTILL[1], bos=R1_DISTILL[0], pad=pad)


@pytest.mark.parametrize(
    ("tokenizer", "pad"),
    [
        (llama(LLAMA_3_1), "<|finetune_right_pad_id|>"),
        (llama(LLAMA_3), "<|reserved_special_token_0|>"),
        (llama(LLAMA_3_1, pad="<|begin_of_text|>"), "<|finetune_right_pad_id|>"),
        (llama(LLAMA_3_1, pad="<|eot_id|>"), "<|finetune_right_pad_id|>"),
        (llama(LLAMA_3_1, pad="<|python_tag|>"), "<|python_tag|>"),  # its own choice, and harmless
        (r1_distill(pad="<｜end▁of▁sentence｜>"), "<|▁pad▁|>"),
        (make_byte_tokenizer(pad="<|endoftext|>"), "<|endoftext|>"),  # Qwen's own
        (make_byte_tokenizer(eos="<|endoftext|>", pad="<|im_end|>"), "<|endoftext|>"),
        (make_byte_tokenizer(special=["<|im_start|>", "<|im_end|>", "[PAD]", "<|fim_pad|>"]), "[PAD]"),
    ],
)
def test_what_pads(tokenizer: Any, pad: str) -> None:
    assert pad_token(tokenizer) == pad


@pytest.mark.parametrize(
    "tokenizer",
    [
        make_byte_tokenizer(special=["<|im_start|>", "<|im_end|>"]),
        make_byte_tokenizer(special=["<|im_start|>", "<|im_end|>", "<unk>"], unk="<unk>"),
        make_byte_tokenizer(special=["<|im_start|>", "<|im_end|>", "<s>"], bos="<s>"),
        make_byte_tokenizer(pad="<|im_start|>", special=["<|im_start|>", "<|im_end|>"]),
    ],
)
def test_nothing_pads_that_has_another_meaning(tokenizer: Any) -> None:
    with pytest.raises(InputError, match=r"no token to pad with.*add one"):
        pad_token(tokenizer)


def test_the_stop_token_is_the_templates_or_else_eos() -> None:
    assert stop_token(make_byte_tokenizer(eos="<|endoftext|>")) == "<|im_end|>"
    no_mark = CHATML.replace("<|im_end|>", "")
    assert stop_token(make_byte_tokenizer(no_mark, eos="<|endoftext|>")) == "<|endoftext|>"
    not_special = make_byte_tokenizer(special=["<|im_start|>"], plain=["<|im_end|>"], eos="<|im_start|>")
    assert stop_token(not_special) == "<|im_end|>"
    with pytest.raises(InputError, match="no eos_token"):
        stop_token(make_byte_tokenizer(no_mark, eos=None))


@pytest.mark.parametrize(
    ("model_eos", "names"),
    [
        (None, ["<|im_end|>", "<|endoftext|>"]),
        (257, ["<|im_end|>", "<|endoftext|>", "<|im_start|>"]),
        ([256, 257, 258], ["<|im_end|>", "<|endoftext|>", "<|im_start|>"]),
        ([], ["<|im_end|>", "<|endoftext|>"]),
    ],
)
def test_every_model_stops_at_all_of_its_ends(model_eos: Any, names: list[str]) -> None:
    tokenizer = make_byte_tokenizer(eos="<|endoftext|>")
    assert tokenizer.convert_ids_to_tokens(stop_ids(tokenizer, model_eos)) == names


def test_eos_is_the_turns_end_and_pad_is_another_everywhere(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    tokenizer.eos_token = tokenizer.pad_token = "<|endoftext|>"  # as base models ship it
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    base = stop_ids(tokenizer, model.generation_config.eos_token_id)
    align_special_tokens(model, tokenizer)
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|im_end|>", "<|endoftext|>")
    expected = tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
    for config in (model.config, model.generation_config):
        assert (config.eos_token_id, config.pad_token_id) == (expected, tokenizer.pad_token_id)
    assert stop_ids(tokenizer, model.generation_config.eos_token_id) == base, "base and student end alike"


def test_the_bases_own_generation_settings_are_not_published(tiny_model: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_model, base)
    file = base / "generation_config.json"
    instruct = {"repetition_penalty": 1.1, "top_k": 20, "temperature": 0.7, "do_sample": False}
    file.write_text(json.dumps(json.loads(file.read_text()) | instruct))
    model, tokenizer = AutoModelForCausalLM.from_pretrained(base), AutoTokenizer.from_pretrained(base)
    align_special_tokens(model, tokenizer)
    model.save_pretrained(tmp_path / "out")  # with do_sample=false and a temperature it would raise
    saved = json.loads((tmp_path / "out" / "generation_config.json").read_text())
    assert saved.keys() - {"transformers_version", "_from_model_config"} == {"eos_token_id", "pad_token_id"}
