"""Completions in every form that engines, templates and models produce are split into reasoning and answer.

Excerpts of real completions, shortened at `…`, name their origin. For formats without a real example here, the
completions follow the upstream documents.
"""

import ast
import time
from collections.abc import Iterator

import pytest
from conftest import ROOT, make_problem

from filters.verifiers.extraction.final_answer import final_answer
from records.requests import Completion, Request, Settings
from records.thinking import (
    FORMATS,
    after_prefill,
    answer_part,
    holds_one_reasoning,
    in_format,
    in_think_tags,
    join_reasoning,
    prefilled,
    split_reasoning,
)
from teacher.sampling.drawn import Drawn, beginning_of, drawn_of

# open-thought/reasoning-gym-eval@5f09fec, Apache-2.0: Qwen2.5-3B-rlft on gsm8k 237, olympiadbench 555, amc23 6 and
# on a problem where it closes twice.
JOHNNY = "To determine how much money Johnny had after a year, …\n   - Thus, after one year, … Johnny has is $90."
WHOLE = f"<think> \n{JOHNNY}\n   \n</think> \n<answer> \\boxed{{90}}"
UNCLOSED = "<think> \nTo find the sum of all positive two-digit factors of \\(2^{32} - 1\\), … 24956, 25059, 25162,"
ANSWER_ALONE = "To solve the problem, we start with … Thus, the final answer is:\n\n\\[\n\\boxed{64}\n\\]"
RELATION = "To determine the relationship between the conditions … the conditions is neither."
CLOSED_TWICE = f"<think> \n{RELATION}\n</think> \n</think> \n<answer> \\boxed{{neither}}"
# NVIDIA-NeMo/Gym@07d6b0d, Apache-2.0, example_rollouts: the template had prefilled the opening tag.
REFERENCE = "… So answer: ASC 606-10-25-14.\n\nThus output just that reference."
NEVER_OPENED = f"{REFERENCE}\n</think>\nASC 606‑10‑25‑14"
# rasbt/reasoning-from-scratch@f79c9cd, Apache-2.0: DeepSeek-R1 through OpenRouter, put back into its tags.
CEILING = "Okay, let's see. The problem is to evaluate the ceiling of 3… So the final answer should be 17."
SEVENTEEN = "To evaluate \\(\\left\\lceil3\\left(6-\\frac{1}{2}\\right)\\right\\rceil\\), … \\[\n\\boxed{17}\n\\]"
R1 = f"{CEILING}\n</think>\n\n{SEVENTEEN}"


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


# Other formats

# cookbook.openai.com/articles/openai-harmony, "Chat conversation format"; engines keep the stop token to themselves.
HARMONY = (
    '<|channel|>analysis<|message|>User asks: "What is 2 + 2?" Simple arithmetic. Provide answer.<|end|>'
    "<|start|>assistant<|channel|>final<|message|>2 + 2 = 4."
)
THOUGHT = 'User asks: "What is 2 + 2?" Simple arithmetic. Provide answer.'
BARE = f"analysis{THOUGHT}assistantfinal2 + 2 = 4."
"""With special tokens left out, as engines do unless told not to."""
# The same article, "Preambles": thoughts, a note to the user, a tool call.
CALL = (
    "<|channel|>analysis<|message|>Need to use function get_location.<|end|>"
    "<|start|>assistant<|channel|>commentary to=functions.get_location <|constrain|>json<|message|>{}<|call|>"
)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("harmony", HARMONY, (THOUGHT, "2 + 2 = 4.", True)),
        ("harmony", HARMONY.replace("<|end|>", "<|end|>\n") + "<|return|>", (THOUGHT, "2 + 2 = 4.", True)),
        ("harmony", HARMONY.partition("<|end|>")[0], (THOUGHT, "", False)),
        ("harmony", HARMONY.partition("<|message|>2")[0] + "<|message|>", (THOUGHT, "", True)),
        ("harmony", "<|channel|>final<|message|>2 + 2 = 4.", ("", "2 + 2 = 4.", True)),
        ("harmony", CALL, ("Need to use function get_location.{}", "", False)),
        ("harmony", "", ("", "", False)),
        ("harmony", HARMONY.replace("Provide", "</think>"), (THOUGHT.replace("Provide", ""), "2 + 2 = 4.", True)),
        ("harmony", BARE, (BARE, "", False)),  # nothing tells the channels apart for sure
        # ggml-org/llama.cpp, tests/test-chat.cpp.
        ("mistral", "[THINK]raisonnement[/THINK]Réponse", ("raisonnement", "Réponse", True)),
        ("mistral", "[THINK]raisonnement", ("raisonnement", "", False)),
        ("mistral", "[THINK]a </think> b[/THINK]Réponse", ("a  b", "Réponse", True)),
        ("thought", "<thought>\na\n</thought>\n\nb", ("a", "b", True)),
        ("reasoning", "<reasoning>\na\n</reasoning>\nb", ("a", "b", True)),
        ("think", HARMONY, (HARMONY, "", False)),  # decided by what is declared, not by what it looks like
    ],
)  # fmt: skip
def test_every_declared_format(name: str, text: str, expected: tuple[str, str, bool]) -> None:
    reasoning, answer, closed = split_reasoning(in_think_tags(text, name))
    assert (reasoning.replace("\n", ""), answer, closed) == expected


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_closed_by_force_is_closed(name: str) -> None:
    own = FORMATS[name]
    text = f"{own.opening}2 + 2{own.closing}4"
    assert own.mark in own.closing
    assert own.mark not in own.opening + "2 + 2"
    assert split_reasoning(in_think_tags(text, name)) == ("2 + 2", "4", True)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("whole", [True, False])
def test_a_truncated_trace_is_gone_on_with_in_the_models_own_format(name: str, whole: bool) -> None:
    answer = "\\boxed{" if whole else ""
    truncated = Drawn("2 + 2", answer, whole, "length", 5, 9, seed=1, hinted=False, detail="")
    begun = in_format(beginning_of(truncated), name)
    assert begun.startswith(FORMATS[name].opening)
    assert (FORMATS[name].closing in begun) == whole
    assert split_reasoning(in_think_tags(begun, name)) == ("2 + 2", answer, whole)


# Prompts that begin the completion

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
