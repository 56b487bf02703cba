r"""Finds where brackets open and close in an answer, and splits an answer outside of them."""

import re
from collections.abc import Sequence
from functools import lru_cache

OPEN, CLOSE = {"(", "[", "{", r"\{", r"\langle"}, {")", "]", "}", r"\}", r"\rangle"}
# "\begin{pmatrix}"
PIECE = re.compile(r"\\begin\{[a-z]*\*?\}|\\end\{[a-z]*\*?\}|\\text\{[^{}]*\}|\\[A-Za-z]+|\\.|.", re.DOTALL)


@lru_cache(16)
def pieces_of(text: str) -> Sequence[tuple[str, int, int]]:
    """Return (piece, position, nesting depth) for each piece; a bracket has the depth outside it. Several rules ask
    about a text one after the other."""
    found: list[tuple[str, int, int]] = []
    depth = 0
    for match in PIECE.finditer(text):
        piece = match.group()
        if piece in CLOSE or piece.startswith(r"\end"):
            depth -= 1
        found.append((piece, match.start(), depth))
        if piece in OPEN or piece.startswith(r"\begin"):
            depth += 1
    return tuple(found)


def split_top(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split the text at each separator that stands outside every bracket."""
    if not separator.search(text):
        return [text]
    outside = {position for _, position, depth in pieces_of(text) if depth == 0}
    parts, start = [], 0
    for match in separator.finditer(text):
        if match.start() in outside:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def closes_at_end(text: str) -> bool:
    """Return True if the bracket that opens the text is closed by its last character."""
    pieces = pieces_of(text)
    zero = [index for index, (_, _, depth) in enumerate(pieces) if depth == 0]
    return len(pieces) > 1 and pieces[-1][0] in CLOSE and zero == [0, len(pieces) - 1]
