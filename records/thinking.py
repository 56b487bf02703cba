"""The one home of think tags: reasoning and answer are told apart and joined here, for every stage and engine.

Samplers hand on one form, `<think>` reasoning `</think>` answer: what a model writes in another is put into it here
(`in_think_tags`, by the format that the prompt declares), and `split_reasoning` takes it apart.

A completion is cut at its first closing tag. Later tags are dropped, so what stands between two closing tags belongs
to the answer, as in vLLM's reasoning parsers (`BaseThinkingReasoningParser.extract_reasoning` partitions there).
"""

import re
from dataclasses import dataclass

VERSION = "2"
OPEN, CLOSE = "<think>", "</think>"
TAG = re.compile(r"</?think>")
ANY_OPEN = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
ANY_CLOSE = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
"""Tags of a completion whose model is unknown: `<Thinking>so it is 4</Thinking> 4`."""


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

    The first closing tag divides them. Missing, prefilled and doubled opening tags are normalised away. An unclosed
    reasoning has no answer: what it says so far must never be judged (verifiers#213). Models that do not think
    (`thinks=False`) answer with everything, but if they do open a reasoning it must close as well.
    """
    if CLOSE in text:
        reasoning, _, answer = text.partition(CLOSE)
        return strip_tags(reasoning), strip_tags(answer), True
    if thinks or OPEN in text:
        return strip_tags(text), "", False
    return "", text.strip(), True


def answer_part(text: str) -> str:
    """The answer of a completion whose tags are unknown and may be absent; empty while a reasoning is unclosed.

    `split_reasoning(text, thinks=False)` for `<thinking>`, `<thought>` and `<reasoning>` too. An answer that was split
    already is returned as it is, unless it holds such tags.
    """
    _, *rest = ANY_CLOSE.split(text, maxsplit=1)
    if rest:
        return ANY_OPEN.sub("", ANY_CLOSE.sub("", rest[0]))
    return "" if ANY_OPEN.search(text) else text


def join_reasoning(reasoning: str, answer: str, closed: bool = True) -> str:
    """The inverse of `split_reasoning`, as Qwen3 and R1 write it.

    An empty reasoning that was closed leaves no tags: a trace that answers without thinking must not teach an empty
    `<think>`.
    """
    if not closed:
        return f"{OPEN}\n{reasoning}"
    return f"{OPEN}\n{reasoning}\n{CLOSE}\n\n{answer}" if reasoning else answer


def with_tags(content: str, reasoning: str, thinks: bool) -> str:
    """One completion with tags, of a server's reply that gives the reasoning apart or leaves it in `content`.

    A reasoning without an answer stays unclosed: nothing shows whether the model had closed it.
    """
    if reasoning.strip():
        _, closed, after = content.partition(CLOSE)  # some servers give the reasoning twice
        answer = after if closed else content
        return f"{OPEN}\n{strip_tags(reasoning)}\n" + (f"{CLOSE}\n\n{strip_tags(answer)}" if answer.strip() else "")
    if content.lstrip().startswith(OPEN) or not content.strip() or not (thinks or CLOSE in content):
        return content
    return f"{OPEN}\n{content}"  # the server's template prefilled the tag


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
    """The inverse of `in_think_tags`, for the beginning of a completion that a model is to go on with."""
    opening, closing = FORMATS["think"].opening, FORMATS["think"].closing
    return text.replace(opening, FORMATS[name].opening, 1).replace(closing, FORMATS[name].closing, 1)


def prefilled(prompt: str, name: str = "think") -> str:
    """The part of a completion that a rendered prompt ends in, to be put back before what the model writes.

    An opening tag (DeepSeek-R1), or an empty reasoning (Qwen3 with enable_thinking=False); empty where the prompt
    begins neither.
    """
    own = FORMATS[name]
    opening = own.opening.strip()
    end = prompt.rstrip()
    if end.endswith(opening):
        return own.opening
    empty = own.closing.strip()
    if end.endswith(empty) and end.removesuffix(empty).rstrip().endswith(opening):
        return own.opening + own.closing
    return ""


def after_prefill(prompt: str, completion: str) -> str:
    """The part of a completion that a rendered prompt leaves to the model: all of it, unless the prompt opens it."""
    if not opens(prompt):
        return completion
    opened = prompt[prompt.rindex(OPEN) :]  # with the white space that the template puts after it
    if completion.startswith(opened):
        return completion.removeprefix(opened)
    return completion.removeprefix(OPEN).lstrip()


def holds_one_reasoning(prompt: str, completion: str) -> bool:
    """Whether a rendered prompt and what follows it open one reasoning and close it once.

    Tags that a problem mentions in the middle of the prompt do not count.
    """
    return completion.count(CLOSE) == 1 and opens(prompt) + completion.count(OPEN) == 1


def opens(prompt: str) -> bool:
    return prompt.rstrip().endswith(OPEN)
