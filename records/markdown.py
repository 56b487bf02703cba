"""Writes names and texts into Markdown as what they are: they come from configs, data and models, and could hold
headings, links, HTML or the end of a table's cell."""

import re

MARKUP = re.compile(r"([\\`*|<>\[\]#]|(?<![^\W_])_|_(?![^\W_]))")
"""An underscore within a word, as in chain_sum, marks nothing (CommonMark)."""
TAG = re.compile(r"<(?=[A-Za-z/!?])")
BACKTICKS = re.compile("`+")


def escaped(text: str) -> str:
    """Return a text on one line without any markup."""
    return MARKUP.sub(r"\\\1", on_one_line(text))


def in_cell(text: str) -> str:
    """Return a text on one line that ends no cell of a table and is no HTML. Other markup in it stays."""
    return TAG.sub(r"\\<", on_one_line(text).replace("|", "\\|"))


def in_code(text: str) -> str:
    """Return a span of code on one line, with more backticks around it than stand together in it (CommonMark)."""
    text = on_one_line(text)
    longest = max(map(len, BACKTICKS.findall(text)), default=0)
    mark, gap = "`" * (longest + 1), " " if longest else ""
    return f"{mark}{gap}{text}{gap}{mark}"


def on_one_line(text: str) -> str:
    return " ".join(text.splitlines())
