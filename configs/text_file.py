"""Reads the text files that a config names: the config itself, prompts, rubrics and chat templates."""

import os
from pathlib import Path
from stat import S_ISREG

MOST_CHARACTERS = 1 << 20
"""Longest such file; the longest shipped one has 3,000. YAML of this length takes some seconds to read."""


def read_text_file(path: Path) -> str:
    """Return a file's text, line ends as newlines. A stranger's config may name a device or a pipe, which have no end.
    Errors: OSError; ValueError for a text that is too long or not UTF-8, and for what is no regular file."""
    with open(path, encoding="utf-8", opener=at_once) as file:
        if not S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no regular file; save it as one, which the same command can read again")
        text = file.read(MOST_CHARACTERS + 1)
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"longer than {MOST_CHARACTERS:,} characters; shorten it")
    return text


def at_once(path: str, flags: int) -> int:
    """Open a file, without waiting for the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)
