"""The special tokens of a tokenizer, and those at which a completion ends. They are the same ones for base and student,
and for every engine, because a model that runs on past the end of its turn answers questions that nobody asked.

A tokenizer is one of transformers', passed in by the caller.
"""

from collections.abc import Sequence
from typing import Any

from records.chat_template import assistant_turn
from records.errors import InputError
from records.thinking import FORMATS


def special_tokens(tokenizer: Any) -> list[str]:
    """Return every special token of the vocabulary, including those without a role (eos, pad, …)."""
    return [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]


def special_tags(tokenizer: Any, reasoning_format: str) -> bool:
    """Return True if the tags of a format are special tokens, which then must stay in the text of a completion: without
    them no reasoning would be closed. Those of some formats are, and some tokenizers have a special `</think>`."""
    tags = FORMATS[reasoning_format]
    return tags.special or not {tags.opening.strip(), tags.mark}.isdisjoint(special_tokens(tokenizer))


def stop_token(tokenizer: Any) -> str:
    """Return the token with which the chat template ends an assistant turn, or the eos token if it adds none.

    Errors: InputError if the tokenizer has no chat template, or neither of the two tokens.
    """
    tail = assistant_turn(tokenizer)[1].lstrip()
    ids = tokenizer.encode(tail, add_special_tokens=False)
    if ids and ids[0] in tokenizer.added_tokens_decoder:
        return str(tokenizer.added_tokens_decoder[ids[0]].content)
    if tokenizer.eos_token is None:
        raise InputError(
            f"{tokenizer.name_or_path}: its template ends a turn with no special token, and its tokenizer has no "
            "eos_token; set one in tokenizer_config.json"
        )
    return str(tokenizer.eos_token)


def stop_ids(tokenizer: Any, model_eos: int | Sequence[int] | None) -> list[int]:
    """Return the ids at which a completion ends: the template's stop token first, then the eos tokens of tokenizer and
    model. `model_eos` is the `eos_token_id` of the model's generation config.

    A base model's own eos is often not the token with which its template ends turns: Qwen2.5's is `<|endoftext|>`, and
    without `<|im_end|>` beside it the base would go on to invent further turns. Errors: InputError for an eos token
    that is no number, which a generation config may hold.
    """
    others = list(model_eos) if isinstance(model_eos, list | tuple) else [model_eos]
    if wrong := [token for token in others if token is not None and not is_id(token)]:
        raise InputError(
            f"{tokenizer.name_or_path}: eos_token_id in its generation_config.json must be a token's number or several "
            f"(got {str(wrong[0])[:100]!r}); correct it"
        )
    ids = [tokenizer.convert_tokens_to_ids(stop_token(tokenizer)), tokenizer.eos_token_id, *others]
    return list(dict.fromkeys(token for token in ids if token is not None))


def is_id(token: object) -> bool:
    return type(token) is int and 0 <= token < 2**31
