"""Every declared format of reasoning is split, closed by force, and gone on with."""

import pytest

from records.thinking import (
    FORMATS,
    in_format,
    in_think_tags,
    split_reasoning,
)
from teacher.sampling.drawn import Drawn, beginning_of

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
