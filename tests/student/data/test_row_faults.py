"""Every way in which a row would teach something else, or nothing, is found."""

import unicodedata
from dataclasses import replace

import pytest
from rendering_makers import ANSWERED, learnt, messages, relabelled, rendered
from tokenizer_makers import CHATML, make_byte_tokenizer
from tokenizers import normalizers

from records.errors import InputError
from student.data.rendering import IGNORED, RowRenderer
from student.data.row_check import fault_of, render_checked


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
