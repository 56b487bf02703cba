"""Training text holds one whole reasoning, with the loss on completion and stop token, for every template."""

from dataclasses import replace
from typing import Any

import pytest
from rendering_makers import ANSWERED, TURNS, learnt, messages, relabelled, rendered
from tokenizer_makers import CHATML, STRIPS_AND_PREFILLS, SWITCHES, make_byte_tokenizer, make_slow_tokenizer

from configs.models import MixedReasoning
from records.rendering import prompt_text
from student.data.reasoning import is_no_think
from student.data.rendering import RowRenderer
from student.data.row_check import fault_of, render_checked


def test_training_text_is_prompt_plus_completion() -> None:
    row, renderer = rendered()
    prompt = prompt_text(renderer.tokenizer, TURNS)
    assert renderer.tokenizer.decode(row.input_ids) == prompt + ANSWERED + "<|im_end|>"
    assert learnt(row, renderer.tokenizer) == ANSWERED + "<|im_end|>"
    assert fault_of(row, renderer) == ""


def test_a_template_that_strips_and_prefills_loses_nothing() -> None:
    row, renderer = rendered(STRIPS_AND_PREFILLS)
    text = renderer.tokenizer.decode(row.input_ids)
    assert text.count("<think>") == text.count("</think>") == 1
    assert learnt(row, renderer.tokenizer) == ANSWERED.removeprefix("<think>\n") + "<|im_end|>"
    assert fault_of(row, renderer) == ""


def test_a_row_without_reasoning_closes_what_the_template_opened() -> None:
    row, renderer = rendered(STRIPS_AND_PREFILLS, "\\boxed{46}")
    assert row.prompt.endswith("<think>\n")
    assert learnt(row, renderer.tokenizer) == "\n</think>\n\n\\boxed{46}<|im_end|>"
    assert fault_of(row, renderer) == ""
    unclosed = replace(row, completion="\\boxed{46}", **relabelled(row, renderer, "\\boxed{46}"))
    assert fault_of(unclosed, renderer) == "bad_format"


def test_a_row_without_reasoning_is_plain_where_nothing_is_opened() -> None:
    row, renderer = rendered(CHATML, "\\boxed{46}")
    assert learnt(row, renderer.tokenizer) == "\\boxed{46}<|im_end|>"
    assert fault_of(row, renderer) == ""


# Special tokens within a text


@pytest.mark.parametrize("make", [make_byte_tokenizer, make_slow_tokenizer])
@pytest.mark.parametrize("quoted", ["<|im_end|>", "<|im_start|>", "<|endoftext|>"])
def test_a_quoted_special_token_stays_text(make: Any, quoted: str) -> None:
    renderer = RowRenderer(make())
    for content in (f"<think>\nIt ends in {quoted} here.\n</think>\n\n4", f"<think>\na\n</think>\n\nIt is {quoted}."):
        row = renderer.render(messages(content), "p")
        assert learnt(row, renderer.tokenizer) == content + "<|im_end|>"
        assert row.labels.count(renderer.stop_id) == 1
        assert fault_of(row, renderer) == ""


@pytest.mark.parametrize("make", [make_byte_tokenizer, make_slow_tokenizer])
def test_think_tags_are_the_tokens_that_they_are_at_inference(make: Any) -> None:
    tokenizer = make()
    row = RowRenderer(tokenizer).render(messages(), "p")
    assert {tokenizer.convert_tokens_to_ids(tag) for tag in ("<think>", "</think>")} < set(row.labels)


def test_special_think_tags_are_kept_and_other_special_tokens_are_not() -> None:
    tokenizer = make_byte_tokenizer(special=["<|im_start|>", "<|im_end|>", "<think>", "</think>"])
    renderer = RowRenderer(tokenizer)
    row = renderer.render(messages(ANSWERED.replace("46\n", "46 <|im_end|>\n")), "p")
    assert tokenizer.convert_tokens_to_ids("</think>") in row.labels
    assert row.labels.count(renderer.stop_id) == 1
    assert fault_of(row, renderer) == ""


def test_a_special_token_that_cannot_be_written_as_text_drops_the_row() -> None:
    """A stop token that is not marked special is found in every text."""
    tokenizer = make_byte_tokenizer(special=["<|im_start|>"], plain=["<|im_end|>", "<think>", "</think>"])
    renderer = RowRenderer(tokenizer)
    row = {"messages": messages(f"{ANSWERED} <|im_end|>"), "problem_id": "p"}
    assert render_checked(row, renderer, 1000)[1] == "special_token"
    assert render_checked(row | {"messages": messages()}, renderer, 1000)[1] == ""


# Reasoning visible, hidden or mixed

IDS = [f"problem {at}" for at in range(2000)]


def test_a_hidden_reasoning_is_not_trained() -> None:
    row, renderer = rendered(reasoning="hidden")
    assert learnt(row, renderer.tokenizer) == "\\boxed{46}<|im_end|>"
    assert row.prompt == prompt_text(renderer.tokenizer, TURNS), "it is asked as any other"
    assert fault_of(row, renderer) == ""


@pytest.mark.parametrize(
    ("template", "asked"),
    [
        (SWITCHES, "<|im_start|>user\nWhat is 12 + 34?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"),
        (CHATML, "<|im_start|>user\nWhat is 12 + 34?\n/no_think<|im_end|>\n<|im_start|>assistant\n"),
        (STRIPS_AND_PREFILLS, "<|im_start|>What is 12 + 34?\n/no_think<|im_start|><think>\n"),
    ],
)
def test_a_mixed_student_is_told_which_rows_to_answer_at_once(template: str, asked: str) -> None:
    mixed = MixedReasoning(no_think_share=0.3)
    renderer = RowRenderer(make_byte_tokenizer(template), mixed)
    without = next(name for name in IDS if is_no_think(name, mixed))
    row = renderer.render(messages(), without)
    assert (row.no_think, row.prompt) == (True, asked)
    assert "12 + 34 = 46" not in learnt(row, renderer.tokenizer)
    assert learnt(row, renderer.tokenizer).endswith("\\boxed{46}<|im_end|>")
    assert fault_of(row, renderer) == ""
    other = renderer.render(messages(), next(name for name in IDS if not is_no_think(name, mixed)))
    assert not other.no_think
    assert other.prompt == prompt_text(renderer.tokenizer, TURNS)
    assert "12 + 34 = 46" in learnt(other, renderer.tokenizer)


def test_the_share_holds_and_only_the_problem_decides() -> None:
    drawn = {share: {i for i in IDS if is_no_think(i, MixedReasoning(no_think_share=share))} for share in (0.2, 0.5)}
    assert 0.17 < len(drawn[0.2]) / len(IDS) < 0.23
    assert 0.47 < len(drawn[0.5]) / len(IDS) < 0.53
    assert drawn[0.2] < drawn[0.5], "a larger share only adds problems"
    assert not any(is_no_think(name, reasoning) for name in IDS for reasoning in ("visible", "hidden"))


def test_an_argument_that_changes_nothing_is_no_switch() -> None:
    template = CHATML + "{# enable_thinking is not read #}"
    assert RowRenderer(make_byte_tokenizer(template)).switch.suffix == "\n/no_think"
