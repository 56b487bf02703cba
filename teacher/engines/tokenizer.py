"""Loads the tokenizer of a model that is sampled, and counts and cuts texts by its tokens."""

from typing import Any

from records.chat_template import use_template
from records.errors import InputError
from records.rendering import prompt_tokens
from records.thinking import in_format
from records.tokenizer_check import check_rules


def load_tokenizer(path: str, revision: str | None = None, template: str | None = None) -> Any:
    """Load a tokenizer. `template` is a chat template that replaces its own; None keeps that.

    Errors: InputError if the tokenizer does not load or its rules have no bounds, or if there is no chat template that
    fits.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path, revision=revision, trust_remote_code=False)
    except Exception as error:  # OSError, KeyError, Rust's bare Exception: they share no narrower class
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise InputError(f"{path}: its tokenizer does not load ({reason})") from error
    check_rules(tokenizer)
    use_template(tokenizer, template)
    return tokenizer


class ModelTokens:
    """The tokens of one model (`teacher.sampling.continuation.Tokens`)."""

    def __init__(self, tokenizer: Any, reasoning_format: str) -> None:
        """Errors: InputError for a tokenizer that does not tell where its tokens end in a text."""
        if not tokenizer.is_fast:
            raise InputError(
                f"{tokenizer.name_or_path}: its tokenizer is one of transformers' slow ones, which do not tell where "
                "tokens end; use one with a tokenizer.json, or remove evaluation.budgets"
            )
        self.tokenizer, self.format = tokenizer, reasoning_format

    def count(self, text: str) -> int:
        return len(prompt_tokens(self.tokenizer, in_format(text, self.format)))

    def cut(self, text: str, at: int) -> str | None:
        """Return the text up to the end of its token number `at`, or of the character that this token is a part of;
        None if it has no more tokens."""
        found = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ends = [end for _, end in found["offset_mapping"]]
        return text[: ends[at - 1]] if len(ends) > at else None
