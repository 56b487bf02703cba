"""Finds the passages of a text that belong together: formulas, fenced code, tables. Linear in the text's length."""

import re
from collections.abc import Iterator

from records.formula_spans import Span, formulas

# ```python  or ~~~ at the beginning of a line
FENCE = re.compile(r"^[ \t]*+(?P<mark>```|~~~)(?P<info>[^\n]*+)", re.MULTILINE)
# | a | b |
TABLE_ROW = re.compile(r"^[ \t]*+\|[^\n]*+", re.MULTILINE)
# --- | :--- | ---: between a table's head and its rows
TABLE_RULE = re.compile(r"^(?=[^\n|]*+\|)(?=[^\n-]*+-)[ \t:|-]++$", re.MULTILINE)


def uncut_spans(text: str) -> list[Span]:
    """Return the passages `(start, end)` that must not be cut, in order, none of which overlap.

    A display that is never closed reaches to the end of its paragraph, an unclosed fence to the end of the text, as in
    Markdown; an unclosed `$` or `\\(` is a sign like any other, and so is any sign in code.
    """
    code = list(fences(text))
    merged: list[Span] = []
    for start, end in sorted([*code, *tables(text), *formulas(text, code)]):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def fences(text: str) -> Iterator[Span]:
    """Yield fenced code blocks with their fences."""
    start, mark = -1, ""
    for match in FENCE.finditer(text):
        if start < 0 and "`" not in match["info"]:
            start, mark = match.start(), match["mark"]
        elif match["mark"] == mark and not match["info"].strip("`~ \t\r"):
            yield start, match.end()
            start, mark = -1, ""
    if start >= 0:
        yield start, len(text)


def tables(text: str) -> Iterator[Span]:
    """Yield Markdown tables: lines that begin with a bar, or lines with bars around a rule of dashes."""
    start, end = -1, 0
    for match in TABLE_ROW.finditer(text):
        if start < 0 or match.start() != end + 1:
            if start >= 0:
                yield start, end
            start = match.start()
        end = match.end()
    if start >= 0:
        yield start, end
    done = 0
    for match in TABLE_RULE.finditer(text):
        if match.start() < done:
            continue
        before = text.rfind("\n", 0, max(match.start() - 1, 0)) + 1
        done = match.end()
        while (after := line_end(text, done + 1)) and "|" in text[done + 1 : after]:
            done = after
        yield (before if "|" in text[before : match.start()] else match.start()), done


def line_end(text: str, start: int) -> int:
    """Return where the line that begins at `start` ends; 0 beyond the text."""
    if start >= len(text):
        return 0
    end = text.find("\n", start)
    return end if end >= 0 else len(text)
