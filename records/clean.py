"""Cleans text and bounds numbers that come from a model, a program, a server or a file: the one place where such values
become ones that every file format can hold."""

import re
from typing import Any

HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""No UTF-8 file can hold one. A text that was cut inside a character arrives as such a half: `"caf\\ud83d"` in JSON."""
REPLACEMENT = "\ufffd"
CONTROL = re.compile(
    "(?!\x1b\\[(?:[0-9;]{0,40}m|[AK]))[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Characters by which a name could change a terminal: set its title, move the cursor over other lines, or write to the
clipboard (`\\x1b]52;…`). `\\x1b[32m` is green, `\\x1b[A` a progress bar's way up, `\\x1b[K` the rest of its line."""
INT64 = 1 << 63
MOST_TOKENS = 2**31 - 1
"""Largest count of tokens that a row can hold; its column has 32 bits."""
EXACT_FLOAT = 1 << 53
"""The integers below it are exact as doubles."""


def clean_text(text: str) -> str:
    """Return the text with U+FFFD in place of every character that cannot be written: NUL, at which C strings and many
    databases end, and halves of surrogate pairs. Two halves that belong together, as in a stream that was cut between
    them, become their character."""
    whole = text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", REPLACEMENT)


def harmless(text: str) -> str:
    """Return the text as a terminal may have it: control characters, and those that turn the direction of writing, as
    their codes. Line ends, tabs, colours and the movements of progress bars stay."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def clean_count(value: object) -> int | None:
    """Return a count of tokens as it was reported; None for anything that cannot be one, such as 10^30 or a text."""
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None


def holds_half_character(text: str) -> bool:
    return not text.isascii() and HALF_CHARACTER.search(text) is not None


def clean_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of a table with clean names and texts. Nested values stay as they are until they become text."""
    return {clean_text(name): clean_text(value) if isinstance(value, str) else value for name, value in row.items()}


def is_int64(value: int) -> bool:
    return -INT64 <= value < INT64


def is_exact_float(value: int) -> bool:
    return -EXACT_FLOAT <= value <= EXACT_FLOAT


def number_within(value: Any, least: float, most: float) -> int | float | None:
    """Return a number between two bounds; None for anything else, such as text, NaN or a truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if least <= value <= most else None
