"""Encodes completions so that a special token quoted in a text stays text.

A reasoning about chat formats may quote `<|im_end|>`. Encoded as the special token it would teach to stop mid-thought.
"""

import re
from typing import Any

from records.thinking import CLOSE, OPEN
from records.tokenizer_check import encoded


class CompletionEncoder:
    """Encodes texts with one tokenizer, without any special token but think tags.

    Some tokenizers have special think tags, and transformers' slow ones split ordinary added tokens together with
    special ones. Both are cut out first, because at inference they are single tokens.
    """

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        added = {token.content: (number, token.special) for number, token in tokenizer.added_tokens_decoder.items()}
        self.whole = {
            text: number
            for text, (number, special) in added.items()
            if (text in (OPEN, CLOSE) and special) or (not special and not tokenizer.is_fast)
        }
        self.reserved = {number for text, (number, special) in added.items() if special and text not in self.whole}
        """Ids that no text may hold."""
        longest_first = sorted(self.whole, key=len, reverse=True)
        self.cut = re.compile(f"({'|'.join(map(re.escape, longest_first))})") if self.whole else None

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text. Some tokenizers still find a special token, which `reserved` tells."""
        if self.cut is None:
            return self.encode_plain(text)
        ids: list[int] = []
        for part in self.cut.split(text):
            ids += [self.whole[part]] if part in self.whole else self.encode_plain(part)
        return ids

    def encode_plain(self, text: str) -> list[int]:
        return encoded(self.tokenizer, text, split_special_tokens=True) if text else []
