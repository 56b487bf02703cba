"""The chat template of a tokenizer: the one it has or one given to it, and what it writes around an answer.

A tokenizer is one of transformers', passed in by the caller.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError

from records.clean import clean_text
from records.errors import InputError
from records.within_limits import within_limits

NEEDS = re.compile(r"\{#-?[^#]*\bneeds: ([^#]*?)\s*-?#\}")
"""The first comment of a template may say which tokens it needs: `{#- ChatML… needs: <|im_start|> <|im_end|> -#}`."""
MARKER = "RETORT"
"""An answer that no template changes."""
MOST_CHARACTERS = 1 << 24
"""Longest text that a template may write: thirty contexts of 128,000 tokens. One `{{ "%1000000000d" % 1 }}` would take
all memory when it is encoded."""


class TemplateFailed(Exception):
    """A template has not written a conversation. The message is its own error."""


def render(tokenizer: Any, turns: Iterable[Mapping[str, str]], **arguments: Any) -> str:
    """Render turns with the tokenizer's chat template, which transformers runs in Jinja's sandbox. Errors:
    TemplateFailed."""
    if has_power(str(tokenizer.chat_template)):
        raise TemplateFailed("it raises to a power, which may take for ever in one step")
    try:
        written = within_limits(lambda: tokenizer.apply_chat_template(list(turns), tokenize=False, **arguments))
        text = clean_text(str(written))
    except Exception as error:  # it is a program that came with a model: it divides by zero, recurses, fills memory
        raise TemplateFailed(str(error) or type(error).__name__) from error
    if len(text) > MOST_CHARACTERS:
        raise TemplateFailed(f"it wrote {len(text):,} characters")
    return text


@cache
def has_power(template: str) -> bool:
    """Return True if a template has the operator `**`, as no model's has. Jinja computes `9**9**9` already when it
    reads a template, and nothing can end that."""
    try:
        return any((kind, text) == ("operator", "**") for _, kind, text in Environment().lex(template))
    except TemplateSyntaxError:  # rendering will say so
        return False


def needed_tokens(template: str) -> list[str]:
    """Return the tokens that a template declares to need; none if it declares nothing."""
    found = NEEDS.match(template)
    return found[1].split() if found else []


def use_template(tokenizer: Any, template: str | None) -> None:
    """Give a tokenizer the chat template; None keeps its own, of several the one named default, as transformers does.

    Errors: InputError if there is none in the end, or if it needs tokens that the tokenizer lacks. Written as ordinary
    text, a mark of a turn would be a dozen tokens that the model never saw.
    """
    name = tokenizer.name_or_path
    if template is not None:
        known = tokenizer.get_vocab()
        missing = [token for token in needed_tokens(template) if token not in known]
        if missing:
            raise InputError(
                f"{name}: its tokenizer has no {' and no '.join(missing)}, which the chosen template writes; set "
                "template to the model's own family (docs/training.md), or choose a model that has them"
            )
        tokenizer.chat_template = template
    if isinstance(tokenizer.chat_template, dict):
        tokenizer.chat_template = tokenizer.chat_template.get("default")
    if not tokenizer.chat_template:
        raise InputError(
            f"{name}: its tokenizer has no chat template, as base models have none; set template beside its path, such "
            "as chatml (docs/training.md), or choose a chat model"
        )


def assistant_turn(tokenizer: Any, question: str = "?") -> tuple[str, str]:
    """Return the texts before and after an answer in a rendered conversation.

    Errors: InputError if the tokenizer has no chat template, or the template refuses a question with an answer.
    """
    use_template(tokenizer, None)
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": MARKER}]
    try:
        text = render(tokenizer, turns)
    except TemplateFailed as error:
        raise InputError(f"{tokenizer.name_or_path}: its chat template refuses an assistant turn ({error})") from error
    before, _, after = text.rpartition(MARKER)
    return before, after
