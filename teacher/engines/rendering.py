"""Renders a request's messages with the model's chat template, and encodes them as the tokens of the prompt."""

from typing import Any

from records.errors import InputError
from records.requests import Messages, Request
from records.thinking import FORMATS, OPEN, in_format, prefilled


def load_tokenizer(path: str, revision: str | None = None) -> Any:
    """Load a tokenizer. Errors: InputError if it does not load or has no chat template."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path, revision=revision)
    except Exception as error:  # OSError, KeyError, Rust's bare Exception: they share no narrower class
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise InputError(f"{path}: its tokenizer does not load ({reason})") from error
    if not tokenizer.chat_template:
        raise InputError(f"{path}: its tokenizer has no chat template, as base models have none; choose a chat model")
    return tokenizer


class Renderer:
    """Turns requests into the tokens of one model."""

    def __init__(self, tokenizer: Any, reasoning_format: str, thinks: bool) -> None:
        self.tokenizer, self.format, self.thinks = tokenizer, reasoning_format, thinks
        self.last: tuple[Messages, dict[str, Any], str, list[int]] = ((), {}, "", [])
        """The last messages, arguments, rendered prompt and tokens; successive draws are mostly of the same problem."""

    def begin(self, request: Request) -> tuple[list[int], str]:
        """Return the tokens of the prompt, a prefix included, and the beginning of the completion that they already
        hold, in the model's own format. Errors: InputError."""
        if self.last[:2] != (request.messages, request.chat_template_kwargs):
            rendered = self.render(request.messages, request.chat_template_kwargs)
            self.last = (request.messages, request.chat_template_kwargs, *rendered)
        prompt, ids = self.last[2:]
        begun = prefilled(prompt, self.format)
        if not request.prefix:
            return ids, begun
        whole = in_format(self.with_reasoning(request.prefix), self.format)
        return ids + self.encode(whole.removeprefix(begun)), whole

    def render(self, messages: Messages, arguments: dict[str, Any]) -> tuple[str, list[int]]:
        from jinja2 import TemplateError

        name = self.tokenizer.name_or_path
        for argument in arguments:  # a template silently accepts arguments that it does not know
            if argument not in str(self.tokenizer.chat_template):
                raise InputError(f"prompt.chat_template_kwargs: the template of {name} has no {argument}; remove it")
        try:
            prompt = self.tokenizer.apply_chat_template(
                list(messages), tokenize=False, add_generation_prompt=True, **arguments
            )
        except TemplateError as error:  # Gemma's: "System role not supported"
            raise InputError(f"prompt: the chat template of {name} refuses it ({error}); change the prompt") from error
        return str(prompt), self.encode(prompt)

    def encode(self, text: str) -> list[int]:
        """Encode without adding special tokens: if a beginning-of-sequence token is due, the template writes it."""
        return list(self.tokenizer.encode(text, add_special_tokens=False))

    def with_reasoning(self, prefix: str) -> str:
        """Put an empty reasoning before the prefix of a thinking model if the prefix holds only an answer."""
        needless = prefix.startswith(OPEN) or not self.thinks
        return prefix if needless else FORMATS["think"].opening + FORMATS["think"].closing + prefix
