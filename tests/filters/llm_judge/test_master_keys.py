"""Answers without content never reach a judge; short answers that mean something do."""

import pytest
from conftest import make_trace

from filters.llm_judge.asking import unsendable
from filters.llm_judge.master_keys import FROM_THE_PAPER, MASTER_KEYS, has_content


@pytest.mark.parametrize("key", MASTER_KEYS)
def test_a_master_key_scores_nothing(key: str) -> None:
    for written in (
        key,
        f"  {key.upper()}\n",
        f"**{key}**",
        f"\\boxed{{{key}}}",
        f"{key}: {key}",
        f"$${key}$$ ...",
        f"{key}!",
    ):
        assert not has_content(written)
    assert unsendable(make_trace(key), reads_reference=True) == "no_answer"


def test_the_paper_s_ten_are_there() -> None:
    assert len(FROM_THE_PAPER) == 10
    assert {"Thought process:", "Let's solve this problem step by step.", "Solution", "解"} <= {*FROM_THE_PAPER}


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " \n\t",
            "Let’s think",
            "Ｓｏｌｕｔｉｏｎ：",
            "Sol\u200bution",
            "So\u00adlution:",
            "\u202eSolution",
            "解：",
            "$ $",
            "---",
        ),
        *(
            "Solution: Let's think step by step. The final answer is:",
            "\\boxed{}",
            "\\boxed{\\text{Answer}}",
            "###",
            "|",
            "`",
        ),
        *("S̲o̲l̲u̲t̲i̲o̲n̲", "S\u034folution", "S o l u t i o n", "Ѕοlutiοn", "Lo\u0308sung", "Step 1: Solution"),
        *("\u3164", "\uffa0", "\u2800", "\ufe0f", "꞉", "˸", "∶", "ː", "⋯", "✓", "👍", "∴", "→", "■", "°"),
        *("\\ldots", "\\qed", "\\blacksquare", "\\checkmark", "\\phantom{7}", "\\[ \\left. \\right. \\]"),
    ],
)
def test_other_writings_are_seen_through(written: str) -> None:
    assert not has_content(written)


@pytest.mark.parametrize(
    "answer",
    [
        *(
            "4",
            "x",
            "\\boxed{4}",
            "Solution: 4",
            "解：x",
            "∅",
            "∞",
            "\\infty",
            "\\emptyset",
            "٤",
            "是",
            "Yes",
            "The answer is B.",
        ),
        *("√2", "resolution", "A solution exists", "No solution"),
        *("1.", "(1)", "Step 1: 4", "≤", "€", "correct", "\\dotsb4", "é"),
    ],
)
def test_an_answer_has_content(answer: str) -> None:
    assert has_content(answer)


def test_a_key_within_a_key_leaves_nothing_but_taken_apart_ones_do() -> None:
    assert not has_content("Solution: the final answer is the answer is")
    assert has_content("sol4ution")


def test_a_long_answer_is_read_in_linear_time() -> None:
    assert not has_content("Solution " * 20_000)
    assert has_content("Solution " * 20_000 + "4")
