"""Keeps a stranger's tokenizer within bounds: its rules, which came with a model, are written in tokenizer.json.

A tokenizer is one of transformers', passed in by the caller.
"""

import json
import math
from typing import Any

from records.errors import InputError

MOST_GROWTH = 10_000
"""How many times as long a text may become. Replacing a space by `▁` makes it twice as long at most, as each rule of
the common tokenizers does; forty rules that double it would make a terabyte of one letter."""
PANIC = "PanicException"
"""What Rust's panics are called in Python (PyO3); they are no Exceptions and their class has no address."""


def check_rules(tokenizer: Any) -> None:
    """Errors: InputError for a tokenizer whose rules may make a text more than `MOST_GROWTH` times as long."""
    if not tokenizer.is_fast:
        return
    backend = tokenizer.backend_tokenizer
    parts = (backend.normalizer, backend.pre_tokenizer, backend.decoder)
    for rules in (json.loads(part.__getstate__()) for part in parts if part is not None):
        if growth(rules) > MOST_GROWTH:
            raise InputError(
                f"{tokenizer.name_or_path}: its tokenizer.json may make a text {growth(rules):.0e} times as long; "
                "choose another model"
            )


def growth(rules: Any) -> float:
    """Return how many times as long these rules may make a text, together."""
    if isinstance(rules, list):
        return math.prod(map(growth, rules))
    if not isinstance(rules, dict):
        return 1.0
    own = 1.0 + len(str(rules.get("content", ""))) if rules.get("type") == "Replace" else 1.0
    return own * math.prod(growth(value) for value in rules.values() if isinstance(value, dict | list))


def encoded(tokenizer: Any, text: str, **arguments: Any) -> list[int]:
    """Return a text's tokens, without adding special ones unless `arguments` say so.

    Errors: InputError if a rule of the tokenizer fails, as a pattern does that would try without an end: Oniguruma
    gives up after ten million tries.
    """
    try:
        return list(tokenizer.encode(text, **{"add_special_tokens": False} | arguments))
    except BaseException as error:
        if type(error).__name__ != PANIC:
            raise
        raise InputError(
            f"{tokenizer.name_or_path}: its tokenizer fails on a text ({' '.join(str(error).split())[:200]}); choose "
            "another model"
        ) from None
