"""What a prompt begins of the completion is put back, and half a reasoning is none."""

import pytest
from thinking_texts import ANSWER_ALONE

from records.thinking import (
    after_prefill,
    holds_one_reasoning,
    join_reasoning,
    prefilled,
    split_reasoning,
)

EMPTY = "<think>\n\n</think>\n\n"


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("…<｜Assistant｜><think>\n", "think", "<think>\n"),  # DeepSeek-R1
        ("…<|im_start|>assistant\n", "think", ""),  # Qwen3
        (f"…<|im_start|>assistant\n{EMPTY}", "think", EMPTY),  # Qwen3 with enable_thinking=False
        ("What does </think> mean?<|im_start|>assistant\n", "think", ""),
        ("…<|start|>assistant", "harmony", ""),
        ("…[/INST][THINK]", "mistral", "[THINK]"),
        ("…<think>\n", "thought", ""),
    ],
)
def test_what_the_prompt_prefills_is_put_back(prompt: str, name: str, expected: str) -> None:
    assert prefilled(prompt, name) == expected


def test_a_prefilled_empty_reasoning_makes_everything_the_answer() -> None:
    assert split_reasoning(prefilled(f"<|im_start|>assistant\n{EMPTY}") + ANSWER_ALONE) == ("", ANSWER_ALONE, True)


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("…<|im_start|>assistant\n", "<think>\na\n</think>\n\nb"),  # nothing is prefilled
        ("…<think>\n", "a\n</think>\n\nb"),
        ("…<think>", "\na\n</think>\n\nb"),
        ("…<think>\n\n", "a\n</think>\n\nb"),  # more white space than the completion has
        ("What does <think> mean?", "<think>\na\n</think>\n\nb"),
    ],
)
def test_a_prompt_leaves_the_model_what_it_does_not_begin(prompt: str, left: str) -> None:
    completion = join_reasoning("a", "b")
    assert after_prefill(prompt, completion) == left
    assert holds_one_reasoning(prompt, left)
    assert not holds_one_reasoning(prompt, f"<think>{left}")
    assert not holds_one_reasoning(prompt, left.replace("</think>", ""))


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("…<|im_start|>assistant\n", "b"),
        ("…<think>\n", "\n</think>\n\nb"),  # it closes what the prompt opened
        ("…<think>\n\n</think>\n\n", "b"),
        ("…</think>", "b"),
    ],
)
def test_an_answer_alone_opens_nothing_and_leaves_nothing_open(prompt: str, left: str) -> None:
    assert after_prefill(prompt, join_reasoning("", "b")) == left
    assert holds_one_reasoning(prompt, left)
    assert split_reasoning(prefilled(prompt) + left, thinks=False) == ("", "b", True)


@pytest.mark.parametrize("prompt", ["…<think>\n\n</think>\n\n", "…</think>"])
def test_no_reasoning_may_follow_a_closed_one(prompt: str) -> None:
    assert not holds_one_reasoning(prompt, after_prefill(prompt, join_reasoning("a", "b")))


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        ("…assistant\n", "a\n</think>\n\nb"),
        ("…assistant\n", "b <think>a</think>"),
        ("…<think>\n", "b"),
        ("…<think>\n", "<think>a</think>b"),
        ("…assistant\n", "</think><think>"),
    ],
)
def test_half_a_reasoning_is_none(prompt: str, completion: str) -> None:
    assert not holds_one_reasoning(prompt, completion)
