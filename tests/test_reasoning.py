"""Splitting completions: every form of tags that engines and templates leave behind."""

import pytest

from teacher.reasoning import prefilled, split_reasoning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>\na\n</think>\n\nb", ("a", "b", True)),
        ("a\n</think>\n\nb", ("a", "b", True)),
        ("<think>\n<think>\na</think>b", ("a", "b", True)),
        ("<think>\n\n</think>\n\nb", ("", "b", True)),
        ("<think>a</think>b</think>c", ("a", "bc", True)),
        ("<think>a</think>", ("a", "", True)),
        ("<think>\na \\boxed{4}", ("a \\boxed{4}", "", False)),
        ("\\boxed{4}", ("\\boxed{4}", "", False)),
        ("", ("", "", False)),
    ],
)
def test_reasoning_and_answer_are_apart_and_hold_no_tags(text: str, expected: tuple[str, str, bool]) -> None:
    assert split_reasoning(text) == expected


def test_a_model_that_does_not_think_answers_with_everything() -> None:
    assert split_reasoning(" \\boxed{4}\n", thinks=False) == ("", "\\boxed{4}", True)


def test_a_model_that_need_not_think_must_close_what_it_opens() -> None:
    assert split_reasoning("<think>\nfour is \\boxed{4}", thinks=False) == ("four is \\boxed{4}", "", False)


def test_prefilled_opening_is_put_back() -> None:
    assert prefilled("…<|Assistant|><think>\n") == "<think>\n"
    assert prefilled("…<|im_start|>assistant\n") == ""
