"""Training text holds one whole reasoning, with the loss on completion and stop token, for every template."""

from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from records.errors import InputError
from student.data.rendering import IGNORED, align_special_tokens, check_rendered, render, stop_token

ANSWERED = "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}"
MESSAGES = [{"role": "user", "content": "What is 12 + 34?"}, {"role": "assistant", "content": ANSWERED}]
# DeepSeek-R1-Distill's habits: reasoning cut from assistant turns, `<think>` prefilled in the generation prompt.
R1_TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'user' %}<|im_start|>{{ m.content }}"
    "{% else %}{{ m.content.split('</think>')[-1] }}<|im_end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|><think>\n{% endif %}"
)


def labels_of(row: dict[str, list[int]]) -> list[int]:
    return [label for label in row["labels"] if label != IGNORED]


def test_training_text_is_prompt_plus_completion(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    row = render(MESSAGES, tokenizer)
    prompt = tokenizer.apply_chat_template(MESSAGES[:1], tokenize=False, add_generation_prompt=True)
    assert tokenizer.decode(row["input_ids"]) == prompt + ANSWERED + "<|im_end|>"
    assert tokenizer.decode(labels_of(row)) == ANSWERED + "<|im_end|>"
    check_rendered(row, ANSWERED, tokenizer)


def test_a_template_that_strips_and_prefills_loses_nothing(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.chat_template = R1_TEMPLATE
    row = render(MESSAGES, tokenizer)
    text = tokenizer.decode(row["input_ids"])
    assert text.count("<think>") == text.count("</think>") == 1
    assert tokenizer.decode(labels_of(row)) == ANSWERED.removeprefix("<think>\n") + "<|im_end|>"
    check_rendered(row, ANSWERED, tokenizer)


def test_a_row_without_stop_token_or_with_half_a_reasoning_is_refused(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    row = render(MESSAGES, tokenizer)
    with pytest.raises(InputError, match="stop token"):
        check_rendered({key: ids[:-1] for key, ids in row.items()}, ANSWERED, tokenizer)
    doubled = render([MESSAGES[0], {"role": "assistant", "content": "<think>" + ANSWERED}], tokenizer)
    with pytest.raises(InputError, match="exactly one"):
        check_rendered(doubled, ANSWERED, tokenizer)


def test_a_question_that_mentions_the_tag_is_no_reasoning(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    row = render([{"role": "user", "content": "What does <think> mean?"}, MESSAGES[1]], tokenizer)
    check_rendered(row, ANSWERED, tokenizer)


def test_eos_is_the_turns_end_and_pad_is_another_everywhere(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    tokenizer.eos_token = tokenizer.pad_token = "<|endoftext|>"  # as base models ship it
    align_special_tokens(model, tokenizer)
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.pad_token != tokenizer.eos_token
    for config in (model.config, model.generation_config):
        assert (config.eos_token_id, config.pad_token_id) == (tokenizer.eos_token_id, tokenizer.pad_token_id)


def test_a_tokenizer_without_template_is_refused(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.chat_template = None
    with pytest.raises(InputError, match="no chat template"):
        stop_token(tokenizer)


def test_any_text_survives_the_tokenizer(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    text = "样本数据 6,8 → \\vec{a} ✅\n\t<think>"
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text
