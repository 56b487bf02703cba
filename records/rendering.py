"""How messages become the text and the tokens of a model's prompt. Training, sampling and the cross-check render
with this code, so that a student is trained on the very prompts that it is asked with.

A tokenizer is one of transformers', passed in by the caller.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from records.chat_template import TemplateFailed, render
from records.errors import InputError
from records.requests import Messages, Request
from records.special_tokens import special_tags
from records.thinking import FORMATS, OPEN, in_format, prefilled
from records.tokenizer_check import encoded

VERSION = "1"
"""Raised when the same messages render to another prompt, or completions end at other tokens."""


def prompt_text(
    tokenizer: Any, messages: Iterable[Mapping[str, str]], arguments: Mapping[str, Any] | None = None
) -> str:
    """Render the turns and the beginning of the assistant's with the tokenizer's chat template.

    `arguments` are those of the template, such as `{"enable_thinking": False}`. Errors: InputError if the template has
    no such argument, or refuses the turns.
    """
    given, name = arguments or {}, tokenizer.name_or_path
    for argument in given:  # a template silently accepts arguments that it does not know
        if argument not in str(tokenizer.chat_template):
            raise InputError(f"prompt.chat_template_kwargs: the template of {name} has no {argument}; remove it")
    try:
        return render(tokenizer, messages, add_generation_prompt=True, **given)
    except TemplateFailed as error:  # Gemma's: "System role not supported"
        raise InputError(f"prompt: the chat template of {name} refuses it ({error}); change the prompt") from error


def prompt_tokens(tokenizer: Any, text: str) -> list[int]:
    """Encode a prompt. No special tokens are added: if a beginning-of-sequence token is due, the template writes it."""
    return encoded(tokenizer, text)


class Renderer:
    """Turns requests into the tokens of one model."""

    def __init__(self, tokenizer: Any, reasoning_format: str, thinks: bool) -> None:
        self.tokenizer, self.format, self.thinks = tokenizer, reasoning_format, thinks
        self.shows_special = special_tags(tokenizer, reasoning_format)
        """True if the text of a completion keeps special tokens."""
        self.last: tuple[Messages, dict[str, Any], str, list[int]] = ((), {}, "", [])
        """The last messages, arguments, rendered prompt and tokens; successive draws are mostly of the same problem."""

    def begin(self, request: Request) -> tuple[list[int], str]:
        """Return the tokens of the prompt, a prefix included, and the beginning of the completion that they already
        hold, in the model's own format. Errors: InputError."""
        if self.last[:2] != (request.messages, request.chat_template_kwargs):
            text = prompt_text(self.tokenizer, request.messages, request.chat_template_kwargs)
            self.last = (request.messages, request.chat_template_kwargs, text, self.encode(text))
        prompt, ids = self.last[2:]
        begun = prefilled(prompt, self.format)
        if request.prefix_ids:
            return [*ids, *request.prefix_ids], begun + self.decode(request.prefix_ids)
        if not request.prefix:
            return ids, begun
        whole = in_format(self.with_reasoning(request.prefix), self.format)
        return ids + self.encode(whole.removeprefix(begun)), whole

    def encode(self, text: str) -> list[int]:
        return prompt_tokens(self.tokenizer, text)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of tokens as engines give it: without special tokens, unless these are the format's tags."""
        hides = not self.shows_special
        return str(self.tokenizer.decode(ids, skip_special_tokens=hides, clean_up_tokenization_spaces=False))

    def with_reasoning(self, prefix: str) -> str:
        """Put an empty reasoning before the prefix of a thinking model if the prefix holds only an answer."""
        needless = prefix.startswith(OPEN) or not self.thinks
        return prefix if needless else FORMATS["think"].opening + FORMATS["think"].closing + prefix
