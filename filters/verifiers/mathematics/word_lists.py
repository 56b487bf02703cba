"""Reads lists of words that are written as one text."""


def words(listed: str) -> frozenset[str]:
    """Return the words of a text, which white space separates."""
    return frozenset(listed.split())
