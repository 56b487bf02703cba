"""Think tags: the only place where completions are split into reasoning and answer, and where the two are joined.

Samplers return one form, `<think>` reasoning `</think>` answer. `in_think_tags` converts a completion in another format
(the one that the prompt declares) to this form, and `split_reasoning` takes it apart.

A completion is split at its first closing tag. Later tags are dropped, so text between two closing tags belongs to the
answer, as in vLLM's reasoning parsers (`BaseThinkingReasoningParser.extract_reasoning` splits there too).
"""

import re
from dataclasses import dataclass

VERSION = "3"
OPEN, CLOSE = "<think>", "</think>"
TAG = re.compile(r"</?think>")
ANY_OPEN = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
ANY_CLOSE = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
"""Tags that a completion of an unknown model may contain, as in `<Thinking>so it is 4</Thinking> 4`."""


@dataclass(frozen=True)
class Format:
    """How a model marks its reasoning."""

    opening: str
    closing: str
    """The whole closing text as the model would write it; it is appended to close a reasoning by force."""
    mark: str
    """The part of `closing` that shows that the reasoning is closed."""
    special: bool = False
    """True if the tags are special tokens, which engines leave out of the text by default."""


# Qwen3, R1, QwQ: "<think>\n…\n</think>\n\n". Magistral 2507 and Ministral 3 Reasoning: "[THINK]…[/THINK]" (their
# SYSTEM_PROMPT.txt). gpt-oss: cookbook.openai.com/articles/openai-harmony. The others are used by fine-tuned models.
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

# The header of a message: role and channel, and in tool calls a recipient and a content type. Its parts are possessive:
# given back character by character, a long channel without a message would take quadratic time.
HARMONY = re.compile(r"(?:<\|start\|>assistant[^<]*+)?<\|channel\|>(\w++)[^<]*+(?:<\|constrain\|>\w++)?<\|message\|>")
HARMONY_ENDS = re.compile(r"<\|(?:end|return|call)\|>")


def split_reasoning(text: str, thinks: bool = True) -> tuple[str, str, bool]:
    """Split a whole completion into `(reasoning, answer, closed)`; neither part keeps its tags.

    The first closing tag separates them. It does not matter whether opening tags are missing, prefilled or doubled. An
    unclosed reasoning has no answer: an answer that it mentions so far must never be judged (verifiers#213). Everything
    that a model that does not think (`thinks=False`) writes is its answer, but if it does open a reasoning, it must
    close it.
    """
    if CLOSE in text:
        reasoning, _, answer = text.partition(CLOSE)
        return strip_tags(reasoning), strip_tags(answer), True
    if thinks or OPEN in text:
        return strip_tags(text), "", False
    return "", text.strip(), True


def answer_part(text: str) -> str:
    """Return the answer of a completion whose tags are unknown and may be absent; empty if a reasoning is unclosed.

    Works like `split_reasoning(text, thinks=False)`, and also knows `<thinking>`, `<thought>` and `<reasoning>`. An
    answer that was already split off is returned unchanged, unless it holds such tags.
    """
    _, *rest = ANY_CLOSE.split(text, maxsplit=1)
    if rest:
        return ANY_OPEN.sub("", ANY_CLOSE.sub("", rest[0]))
    return "" if ANY_OPEN.search(text) else text


def join_reasoning(reasoning: str, answer: str, closed: bool = True) -> str:
    """Invert `split_reasoning`, in the layout that Qwen3 and R1 write.

    A closed, empty reasoning gets no tags: a trace that answers without thinking must not teach an empty `<think>`.
    """
    if not closed:
        return f"{OPEN}\n{reasoning}"
    return f"{OPEN}\n{reasoning}\n{CLOSE}\n\n{answer}" if reasoning else answer


def with_tags(content: str, reasoning: str, thinks: bool) -> str:
    """Build one completion with tags from a server's reply, which holds the reasoning separately or in `content`.

    A reasoning without an answer stays unclosed, because nothing shows whether the model had closed it.
    """
    if reasoning.strip():
        _, closed, after = content.partition(CLOSE)  # some servers give the reasoning twice
        answer = after if closed else content
        return f"{OPEN}\n{strip_tags(reasoning)}\n" + (f"{CLOSE}\n\n{strip_tags(answer)}" if answer.strip() else "")
    if content.lstrip().startswith(OPEN) or not content.strip() or not (thinks or CLOSE in content):
        return content
    return f"{OPEN}\n{content}"  # the server's template prefilled the tag


def strip_tags(text: str) -> str:
    """Return the text without tags, those included that arise when one is taken out: `<th<think>ink>`."""
    text = TAG.sub("", text)
    return (without_nested_tags(text) if OPEN in text or CLOSE in text else text).strip()


def without_nested_tags(text: str) -> str:
    """Return the text without tags, however they are nested. Every character is looked at once."""
    kept: list[str] = []
    *parts, rest = text.split(">")
    for part in parts:
        kept.extend(f"{part}>")
        end = "".join(kept[-len(CLOSE) :])
        tag = next((tag for tag in (CLOSE, OPEN) if end.endswith(tag)), "")
        del kept[len(kept) - len(tag) :]
    return "".join(kept) + rest


def in_think_tags(text: str, name: str) -> str:
    """Convert a completion in one of FORMATS to `<think>` tags."""
    if name == "think":
        return text
    text = TAG.sub("", text)  # a model with other tags uses these only as plain text
    if name == "harmony":
        return harmony_in_think_tags(text)
    opening, closing = (tag.strip() for tag in (FORMATS[name].opening, FORMATS[name].closing))
    return text.replace(opening, OPEN).replace(closing, CLOSE)


def harmony_in_think_tags(text: str) -> str:
    """Take the channel `final` as the answer and all others (analysis, commentary) as the reasoning. Without a `final`
    the reasoning is unclosed."""
    before, *messages = HARMONY.split(HARMONY_ENDS.sub("", text))
    pairs = list(zip(messages[::2], messages[1::2], strict=True))
    thoughts = "\n\n".join([before, *(content for channel, content in pairs if channel != "final")]).strip()
    answers = [content for channel, content in pairs if channel == "final"]
    return f"{OPEN}\n{thoughts}\n" + (f"{CLOSE}\n\n{answers[-1]}" if answers else "")


def in_format(text: str, name: str) -> str:
    """Invert `in_think_tags`, for the beginning of a completion that a model is to continue."""
    opening, closing = FORMATS["think"].opening, FORMATS["think"].closing
    return text.replace(opening, FORMATS[name].opening, 1).replace(closing, FORMATS[name].closing, 1)


def prefilled(prompt: str, name: str = "think") -> str:
    """Return the beginning of the completion that a rendered prompt ends in, to be put before the model's text.

    It is an opening tag (DeepSeek-R1), an empty reasoning (Qwen3 with enable_thinking=False), or the empty string.
    """
    tags = FORMATS[name]
    opening = tags.opening.strip()
    end = prompt.rstrip()
    if end.endswith(opening):
        return tags.opening
    closing = tags.closing.strip()
    if end.endswith(closing) and end.removesuffix(closing).rstrip().endswith(opening):
        return tags.opening + tags.closing
    return ""


def after_prefill(prompt: str, completion: str) -> str:
    """Return a whole completion without what the rendered prompt already holds of it.

    That is an opening tag with the white space after it. A completion without a reasoning closes an opened one at once;
    as it is, it would teach to answer inside the reasoning.
    """
    if not opens(prompt):
        return completion
    opened = prompt[prompt.rindex(OPEN) :]  # with the white space that the template puts after it
    if completion.startswith(opened):
        return completion.removeprefix(opened)
    if OPEN in completion or CLOSE in completion:
        return completion.removeprefix(OPEN).lstrip()
    return FORMATS["think"].closing + completion


def holds_one_reasoning(prompt: str, completion: str) -> bool:
    """Return True if a rendered prompt and its completion hold one reasoning from opening to closing tag, or none.

    Tags within the prompt, such as in the problem's text, do not count, but those that it ends in do: after a closed
    reasoning only an answer may follow.
    """
    if prompt.rstrip().endswith(CLOSE):
        return OPEN not in completion and CLOSE not in completion
    begins = completion.lstrip().startswith(OPEN)
    if completion.count(OPEN) != begins or (opens(prompt) and begins):
        return False
    return completion.count(CLOSE) == (opens(prompt) or begins)


def opens(prompt: str) -> bool:
    return prompt.rstrip().endswith(OPEN)
