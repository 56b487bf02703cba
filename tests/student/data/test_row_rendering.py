"""Training text holds one whole reasoning, with the loss on completion and stop token, for every template."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from tokenizer_makers import CHATML, STRIPS_AND_PREFILLS, SWITCHES, make_byte_tokenizer, make_slow_tokenizer
from tokenizers import normalizers

from configs.models import MixedReasoning
from records.errors import InputError
from records.rendering import prompt_text
from student.data.reasoning import is_no_think
from student.data.rendering import IGNORED, RenderedRow, RowRenderer
from student.data.row_check import fault_of, render_checked

ANSWERED = "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}"
TURNS = [{"role": "user", "content": "What is 12 + 34?"}]


def messages(content: str = ANSWERED, question: str = "What is 12 + 34?") -> list[dict[str, str]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": content}]


def learnt(row: RenderedRow, tokenizer: Any) -> str:
    return str(tokenizer.decode([label for label in row.labels if label != IGNORED]))


def rendered(template: str = CHATML, content: str = ANSWERED, **further: Any) -> tuple[RenderedRow, RowRenderer]:
    renderer = RowRenderer(make_byte_tokenizer(template), **further)
    return renderer.render(messages(content), "p"), renderer


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


# What must be found


def relabelled(row: RenderedRow, renderer: RowRenderer, text: str) -> dict[str, list[int]]:
    begin = row.labels.count(IGNORED)
    ids = [*renderer.encoder.encode(text), renderer.stop_id]
    return {"input_ids": row.input_ids[:begin] + ids, "labels": row.labels[:begin] + ids}


def test_every_way_to_lose_something_is_found() -> None:
    row, renderer = rendered()
    begin, end = row.labels.count(IGNORED), len(row.labels)
    masked = [*row.labels[:begin], *[IGNORED] * 10, *row.labels[begin + 10 :]]
    planted = {
        "the reasoning's beginning is masked": (replace(row, labels=masked), "prompt_changed"),
        "one token in the middle is masked": (
            replace(row, labels=[*row.labels[: begin + 5], IGNORED, *row.labels[begin + 6 :]]),
            "no_stop_token",
        ),
        "everything is masked": (replace(row, labels=[IGNORED] * end), "no_stop_token"),
        "no stop token": (replace(row, labels=row.labels[:-1], input_ids=row.input_ids[:-1]), "no_stop_token"),
        "two stop tokens": (
            replace(row, labels=[*row.labels, row.labels[-1]], input_ids=[*row.input_ids, row.input_ids[-1]]),
            "special_token",
        ),
        "another reasoning is learnt": (
            replace(row, **relabelled(row, renderer, ANSWERED.replace("12", "13"))),
            "completion_changed",
        ),
        "the answer is lost": (
            replace(row, **relabelled(row, renderer, ANSWERED.removesuffix("\\boxed{46}"))),
            "completion_changed",
        ),
        "another prompt is encoded": (
            replace(row, input_ids=[row.input_ids[0], *[65] * (begin - 1), *row.input_ids[begin:]]),
            "prompt_changed",
        ),
        "a turn is not in the prompt": (
            replace(row, turns=[{"role": "system", "content": "Be brief."}, *row.turns]),
            "prompt_incomplete",
        ),
        "labels are shifted": (replace(row, labels=[*row.labels[1:], IGNORED]), "no_stop_token"),
    }
    assert fault_of(row, renderer) == ""
    assert {name: fault_of(broken, renderer) for name, (broken, _) in planted.items()} == {
        name: fault for name, (_, fault) in planted.items()
    }


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("<think>\na\n</think>\n\n", "no_answer"),
        ("", "no_answer"),
        ("<think>\na", "no_answer"),
        ("<think>" + ANSWERED, "bad_format"),
        (ANSWERED + "</think>", "bad_format"),
        ("12 + 34\n</think>\n\n46", "bad_format"),  # the opening tag is neither here nor prefilled
        ("First <think>\na\n</think>\n\n46", "bad_format"),
    ],
)
def test_a_content_that_teaches_nothing_whole(content: str, fault: str) -> None:
    row, renderer = rendered(content=content)
    assert fault_of(row, renderer) == fault


def test_a_reasoning_after_a_closed_one_is_refused() -> None:
    """DeepSeek-V3.1's template closes the reasoning unless it is told to think."""
    template = CHATML.replace("assistant\n{% endif %}", "assistant</think>{% endif %}")
    assert fault_of(*rendered(template)) == "bad_format"
    assert fault_of(*rendered(template, "\\boxed{46}")) == ""


def test_tags_in_the_question_are_no_reasoning() -> None:
    renderer = RowRenderer(make_byte_tokenizer())
    row = renderer.render(messages(question="What does <think> or </think> mean?"), "p")
    assert fault_of(row, renderer) == ""


def test_length_is_bounded_at_the_last_token() -> None:
    row, renderer = rendered()
    data = {"messages": messages(), "problem_id": "p"}
    length = len(row.input_ids)
    assert [render_checked(data, renderer, limit)[1] for limit in (length - 1, length, length + 1)] == [
        "too_long",
        "",
        "",
    ]


def test_a_tokenizer_that_composes_characters_changes_no_text() -> None:
    tokenizer = make_byte_tokenizer()
    tokenizer.backend_tokenizer.normalizer = normalizers.NFC()  # as Qwen's does
    decomposed = ANSWERED.replace("12", unicodedata.normalize("NFD", "é Å"))
    renderer = RowRenderer(tokenizer)
    assert fault_of(renderer.render(messages(decomposed), "p"), renderer) == ""
    tokenizer.backend_tokenizer.normalizer = normalizers.Replace("Z", "z")
    assert fault_of(renderer.render(messages(ANSWERED.replace("12", "Z")), "p"), renderer) == "completion_changed"


def test_any_text_survives_the_tokenizer() -> None:
    text = "样本数据 6,8 → \\vec{a} ✅\n\t  x"
    row, renderer = rendered(content=f"<think>\n{text}\n</think>\n\n{text.strip()}")
    assert text in learnt(row, renderer.tokenizer)
    assert fault_of(row, renderer) == ""


def test_a_tokenizer_without_template_is_refused() -> None:
    tokenizer = make_byte_tokenizer()
    tokenizer.chat_template = None
    with pytest.raises(InputError, match="no chat template"):
        RowRenderer(tokenizer)


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
