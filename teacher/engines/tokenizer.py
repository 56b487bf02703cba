"""Loads the tokenizer of a model that is sampled."""

from typing import Any

from records.chat_template import use_template
from records.errors import InputError


def load_tokenizer(path: str, revision: str | None = None, template: str | None = None) -> Any:
    """Load a tokenizer. `template` is a chat template that replaces its own; None keeps that.

    Errors: InputError if the tokenizer does not load or there is no chat template that fits.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path, revision=revision, trust_remote_code=False)
    except Exception as error:  # OSError, KeyError, Rust's bare Exception: they share no narrower class
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise InputError(f"{path}: its tokenizer does not load ({reason})") from error
    use_template(tokenizer, template)
    return tokenizer
