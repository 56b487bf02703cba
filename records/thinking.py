"""The one place where reasoning and answer are told apart, whatever the engine and however the model marks them.

Samplers hand on one form, `<think>` reasoning `</think>` answer: what a model writes in another is put into it here
(`in_think_tags`, by the format that the prompt declares), and `split_reasoning` takes it apart.
"""

import re
from dataclasses import dataclass

VERSION = "2"
OPEN, CLOSE = "<think>", "</think>"
TAG = re.compile(r"</?think>")


@dataclass(frozen=True)
class Format:
    """How a model marks its reasoning."""

    opening: str
    closing: str
    """Written in full, as the model itself would: what ends a reasoning by force."""
    mark: str
    """What of it shows that the reasoning is closed."""
    special: bool = False
    """Whether they are special tokens, which engines leave out of the text unless told not to."""


# Qwen3, R1, QwQ: "<think>\n…\n</think>\n\n". Magistral 2507 and Ministral 3 Reasoning: "[THINK]…[/THINK]" (their
# SYSTEM_PROMPT.txt). gpt-oss: cookbook.openai.com/articles/openai-harmony. The others: fine-tunes' own tags.
FORMATS = {
    "think": Format("<think>\n", "\n</think>\n\n", CLOSE),
    "harmony": Format(
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
        "<|channel|>final<|message|>",
        special=True,
    ),
    "mistral": Format("[THINK]", "[/THINK]", "[/THINK]", special=True),
    "thought": Format("<thought>\n", "\n</thought>\n\n", "</thought>"),
    "reasoning": Format("<reasoning>\n", "\n</reasoning>\n\n", "</reasoning>"),
}

# The head of a message: role, channel, and of tool calls a recipient and a content type.
HARMONY = re.compile(r"(?:<\|start\|>assistant[^<]*)?<\|channel\|>(\w+)[^<]*(?:<\|constrain\|>\w+)?<\|message\|>")
HARMONY_ENDS = re.compile(r"<\|(?:end|return|call)\|>")


def split_reasoning(text: str, thinks: bool = True) -> tuple[str, str, bool]:
    """`(reasoning, answer, closed)` of a whole completion; neither part holds tags.

    Missing, prefilled and doubled opening tags are normalised away. An unclosed reasoning has no answer: what it says
    so far must never be judged (verifiers#213). Models that do not think (`thinks=False`) answer with everything, but
    if they do open a reasoning it must close as well.
    """
    if CLOSE in text:
        reasoning, _, answer = text.partition(CLOSE)
        return strip_tags(reasoning), strip_tags(answer), True
    if thinks or OPEN in text:
        return strip_tags(text), "", False
    return "", text.strip(), True


def join_reasoning(reasoning: str, answer: str, closed: bool = True) -> str:
    """The inverse of `split_reasoning`, as Qwen3 and R1 write it. An empty reasoning that was closed leaves no tags:
    who answers without thinking must not teach an empty `<think>`."""
    if not closed:
        return f"{OPEN}\n{reasoning}"
    return f"{OPEN}\n{reasoning}\n{CLOSE}\n\n{answer}" if reasoning else answer


def strip_tags(text: str) -> str:
    return TAG.sub("", text).strip()


def in_think_tags(text: str, name: str) -> str:
    """A completion in one of FORMATS as one in `<think>` tags."""
    if name == "think":
        return text
    text = TAG.sub("", text)  # of a model that marks its reasoning otherwise they are talk
    if name == "harmony":
        return harmony_in_think_tags(text)
    opening, closing = (tag.strip() for tag in (FORMATS[name].opening, FORMATS[name].closing))
    return text.replace(opening, OPEN).replace(closing, CLOSE)


def harmony_in_think_tags(text: str) -> str:
    """`final` is the answer; all else, analysis and commentary, is reasoning. Without `final` it is unclosed."""
    before, *messages = HARMONY.split(HARMONY_ENDS.sub("", text))
    pairs = list(zip(messages[::2], messages[1::2], strict=True))
    thoughts = "\n\n".join([before, *(content for channel, content in pairs if channel != "final")]).strip()
    answers = [content for channel, content in pairs if channel == "final"]
    return f"{OPEN}\n{thoughts}\n" + (f"{CLOSE}\n\n{answers[-1]}" if answers else "")


def in_format(text: str, name: str) -> str:
    """The other way round, for the beginning of a completion that a model is to go on with."""
    opening, closing = FORMATS["think"].opening, FORMATS["think"].closing
    return text.replace(opening, FORMATS[name].opening, 1).replace(closing, FORMATS[name].closing, 1)


def prefilled(prompt: str, name: str = "think") -> str:
    """What of a completion a rendered prompt ends in, to be put back before it: an opening tag, or an empty reasoning
    (Qwen3 with enable_thinking=False); else nothing."""
    own = FORMATS[name]
    opening = own.opening.strip()
    end = prompt.rstrip()
    if end.endswith(opening):
        return own.opening
    empty = own.closing.strip()
    if end.endswith(empty) and end.removesuffix(empty).rstrip().endswith(opening):
        return own.opening + own.closing
    return ""
