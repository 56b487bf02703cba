"""Cleans text and counts that come from outside, so that every later stage can store them: the one place for each."""

MOST_TOKENS = 2**31 - 1
"""Largest count of tokens that a row can hold; its column has 32 bits."""


def clean_text(text: str) -> str:
    """Return the text with surrogate pairs joined and lone halves replaced by U+FFFD. A model, a server's JSON and a
    program's error can hold halves, which neither UTF-8 nor Parquet can."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean_count(value: object) -> int | None:
    """Return a count of tokens as it was reported; None for anything that cannot be one, such as 10^30 or a text."""
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None
