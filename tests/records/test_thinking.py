"""Completions in every form that engines, templates and models produce are split into reasoning and answer.

Excerpts of real completions, shortened at `…`, name their origin. For formats without a real example here, the
completions follow the upstream documents.
"""

import ast
import time
from collections.abc import Iterator

import pytest
from conftest import ROOT, make_problem
from thinking_texts import (
    ANSWER_ALONE,
    CEILING,
    CLOSED_TWICE,
    JOHNNY,
    NEVER_OPENED,
    R1,
    REFERENCE,
    RELATION,
    SEVENTEEN,
    UNCLOSED,
    WHOLE,
)

from filters.verifiers.extraction.final_answer import final_answer
from records.requests import Completion, Request, Settings
from records.thinking import (
    answer_part,
    in_think_tags,
    split_reasoning,
)
from teacher.sampling.drawn import drawn_of


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        (WHOLE, JOHNNY, "<answer> \\boxed{90}"),
        (NEVER_OPENED, REFERENCE, "ASC 606‑10‑25‑14"),
        (f"<think>\n{R1}", CEILING, SEVENTEEN),
        (f"<think>\n<think>\n{R1}", CEILING, SEVENTEEN),  # prefilled, put back, and written by the model as well
        (CLOSED_TWICE, RELATION, "<answer> \\boxed{neither}"),
        (f"<think>\n\n</think>\n\n{ANSWER_ALONE}", "", ANSWER_ALONE),
        ("<think>a</think>", "a", ""),
        ("<think>a</think>b</think>c", "a", "bc"),
    ],
)
def test_reasoning_and_answer_are_apart_and_hold_no_tags(text: str, reasoning: str, answer: str) -> None:
    assert split_reasoning(text) == (reasoning, answer, True)


@pytest.mark.parametrize("text", [UNCLOSED, ANSWER_ALONE, "", "<think>", "\n"])
def test_what_is_not_closed_has_no_answer(text: str) -> None:
    reasoning, answer, closed = split_reasoning(text)
    assert (answer, closed) == ("", False)
    assert reasoning == text.removeprefix("<think>").strip()


def test_a_model_that_does_not_think_answers_with_everything() -> None:
    assert split_reasoning(ANSWER_ALONE, thinks=False) == ("", ANSWER_ALONE, True)
    assert split_reasoning("", thinks=False) == ("", "", True)


def test_a_model_that_need_not_think_must_close_what_it_opens() -> None:
    assert split_reasoning(UNCLOSED, thinks=False)[1:] == ("", False)
    assert split_reasoning(WHOLE, thinks=False)[1:] == ("<answer> \\boxed{90}", True)


# One policy for further closing tags: house.md B2 found the run and the judge command reading different answers.

AGAIN = "<think>a</think> so \\boxed{3}. Wait</think> \\boxed{4}"
BOTH = "so \\boxed{3}. Wait \\boxed{4}"


def test_the_first_closing_tag_divides_and_later_ones_are_dropped() -> None:
    assert (
        split_reasoning(AGAIN) == split_reasoning(AGAIN, thinks=False) == ("a", "so \\boxed{3}. Wait \\boxed{4}", True)
    )
    assert answer_part(AGAIN).split() == BOTH.split()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (AGAIN, "4"),  # the last box, as of any answer that holds two
        ("<think>a</think> The answer is 3.</think> So", "3"),
        ("<Thinking>a \\boxed{3}</Thinking> \\boxed{4}", "4"),
        ("a \\boxed{3}</thought> \\boxed{4}", "4"),
        ("<reasoning>a</reasoning>\n<think>b</think> \\boxed{4}", "4"),
        ("<think>a</think><think> \\boxed{4}", "4"),
        ("<think>a \\boxed{4}", None),
        ("<thinking>a \\boxed{4}", None),
    ],
)
def test_a_bare_completion_is_cut_by_the_same_policy(text: str, answer: str | None) -> None:
    assert final_answer(text) == answer


@pytest.mark.parametrize("answer", [BOTH, "\\boxed{4}", "", "4 < 5 > 3"])
def test_an_answer_that_was_split_is_left_as_it_is(answer: str) -> None:
    assert answer_part(answer) == answer


def strings(tree: ast.AST) -> Iterator[str]:
    """The string constants of a module but its docstrings, those under fields and constants included."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_no_other_file_knows_the_tags() -> None:
    packages = ("flows", "teacher", "filters", "student", "eval", "records", "configs", "bench")
    files = [file for name in packages for file in (ROOT / name).rglob("*.py")]
    knowing = {file for file in files if any("think>" in text for text in strings(ast.parse(file.read_text())))}
    fake = ROOT / "teacher" / "servers" / "fake_replies.py"  # it writes what models write, wrong forms included
    assert knowing == {ROOT / "records" / "thinking.py", fake}


# Every finish_reason


@pytest.mark.parametrize(
    ("reason", "text", "row"),
    [
        ("stop", WHOLE, ("<answer> \\boxed{90}", True, "stop")),
        ("stop", "", ("", False, "stop")),
        ("length", UNCLOSED, ("", False, "length")),
        ("length", "<think>a</think>The answer is", ("The answer is", True, "length")),
        ("repetition", UNCLOSED, ("", False, "repetition")),
        ("error", "", ("", False, "error")),
        ("prompt_too_long", "", ("", False, "prompt_too_long")),
        ("content_filter", WHOLE[:80], ("", False, "content_filter")),  # OpenAI, Azure: cut where the filter struck
        ("tool_calls", "<think>a</think>", ("", True, "tool_calls")),
        ("abort", "<think>a", ("", False, "abort")),  # vLLM: the client went away
        ("end of turn", "<think>a</think>b", ("b", True, "end of turn")),  # unheard of; it stays as it came
        ("", "<think>a</think>b", ("b", True, "unknown")),
    ],
)
def test_every_finish_reason_is_kept(reason: str, text: str, row: tuple[str, bool, str]) -> None:
    request = Request(make_problem(), 0, 0, 1, (), Settings(1.0, 1.0, -1, 100))
    drawn = drawn_of(Completion(request, text, reason, 5, 9), thinks=True, hinted=False)
    assert (drawn.answer, drawn.closed, drawn.finish_reason) == row


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("<think>a <th<think>ink> b</think> 4", "a  b", "4"),
        ("<think>a</think> <<think>think>4</th</think>ink>", "a", "4"),
        ("<think>a <think</think> 4", "a <think", "4"),
    ],
)
def test_a_tag_inside_a_tag_leaves_none(text: str, reasoning: str, answer: str) -> None:
    assert split_reasoning(text) == (reasoning, answer, True)


@pytest.mark.parametrize("size", [20_000, 200_000])
def test_splitting_takes_linear_time(size: int) -> None:
    started = time.process_time()
    for text in ("<|channel|>" + "a" * size, "<|start|>assistant" * (size // 18), "<|channel|>a " * (size // 13)):
        in_think_tags(text, "harmony")
    for text in ("<th" * (size // 3) + "<think>" + "ink>" * (size // 3), "<think>" * (size // 7), "<" * size):
        split_reasoning(f"<think>{text}</think> 4")
    assert time.process_time() - started < 3
