"""Keeps what a text says apart from what a tokenizer takes for its own: `<|im_end|>` in a trace ends no turn, and a
mark at which scores are read adds no place.

A tokenizer is one of transformers', passed in by the caller.
"""

import re
from typing import Any

from records.special_tokens import special_tokens

NEVER = re.compile("(?!)")


class PlainText:
    """Makes special tokens, and further marks, in a text plain: a blank behind their first character, or in place of
    one that has no second. Linear in the text's length."""

    def __init__(self, tokenizer: Any, marks: tuple[str, ...] = ()) -> None:
        known = sorted({*special_tokens(tokenizer), *marks} - {""}, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, known))) if known else NEVER

    def __call__(self, text: str) -> str:
        return self.pattern.sub(lambda found: f"{found[0][0]} {found[0][1:]}" if len(found[0]) > 1 else " ", text)
