"""The text of a byte-level tokenizer's tokens, and where in its bytes each of them ends.

A token may end within a character, and what a model draws need not be UTF-8 at all. The text is made of the tokens' own
bytes, so that both always agree: `decode` may leave out blanks, as Llama 3's tokenizer does before a full stop.
"""

import codecs
from collections.abc import Iterable
from functools import cache
from typing import Any

from records.errors import InputError


@cache
def byte_of_character() -> dict[str, int]:
    """Return GPT-2's alphabet, in which byte-level tokenizers write tokens: printable bytes stand for themselves, the
    others for the characters from U+0100 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + at): byte for at, byte in enumerate(others)}


def bytes_of(token: str) -> bytes:
    """Return a token's bytes, as the decoder of the package tokenizers does: an added token such as `<｜User｜>` is not
    written in the alphabet, and has its own."""
    known = byte_of_character()
    return bytes(known[one] for one in token) if all(one in known for one in token) else token.encode()


def text_of(tokens: Iterable[str]) -> tuple[str, list[int]]:
    """Return the text of tokens, with U+FFFD for what is no UTF-8, and at which of its bytes each token ends."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    parts, ends, size = list[str](), list[int](), 0
    for token in tokens:
        parts.append(decoder.decode(bytes_of(token)))
        size += len(parts[-1].encode())
        ends.append(size + len(decoder.getstate()[0]))
    text = "".join(parts) + decoder.decode(b"", True)
    return text, [*ends[:-1], len(text.encode())] if ends else []


def check_byte_level(tokenizer: Any, place: str) -> None:
    """Errors: InputError for a tokenizer whose tokens are not written in bytes, such as one of SentencePiece: an `é` is
    one character of its tokens and two bytes of the text."""
    backend = tokenizer.backend_tokenizer if tokenizer.is_fast else None
    if backend is None or "ByteLevel" not in f"{backend.pre_tokenizer!r}{backend.decoder!r}":
        raise InputError(
            f"{place}: the tokens of {tokenizer.name_or_path} are not made of bytes, which align: gold matches; set "
            "settings.use_extended_uld: false, which matches tokens by their number, or take another model"
        )
