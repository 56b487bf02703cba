r"""Reads the contents of `\boxed{…}`, with balanced braces."""

import re

BOX = "\\boxed{"
# "\boxed{"
OPENING = re.compile(r"\\(?:boxed|fbox)[ \t]{0,4}(\{|(?=[^\s{]))")
# "$boxed{5}$"
BARE = re.compile(r"(?<![\\\w])boxed(?=\{)|\x08oxed(?=\{)")
"""A box without its backslash, as some checkpoints write it, or with the control character that a careless JSON writer
makes of `\\b`."""
# "\\frac{1}{2}"
DOUBLED = re.compile(r"(?<!\\)\\\\(?=[A-Za-z]{2})")
# "\frac"
SINGLE = re.compile(r"(?<!\\)(?:\\\\){0,9}\\(?!\\)")
# "\{"
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
# "\pi"
TOKEN = re.compile(r"\\[A-Za-z]+|[^\s$\\.,;{}]+")
SHORT = 40
"""Characters within which a box is looked for that holds a number or a word alone: most do, and need no count of
braces."""


def boxes(text: str) -> list[str]:
    r"""Return the contents of every top-level `\boxed{…}` or `\fbox{…}` in order, leaving out unbalanced ones."""
    return [content for _, _, content in boxes_with_places(text)]


def boxes_with_places(text: str) -> list[tuple[int, int, str]]:
    r"""Return (start, end, content) of each box. `\boxed 5`, which TeX allows, boxes one token."""
    if "boxed" not in text and "fbox" not in text:
        return []
    found: list[tuple[int, int, str]] = []
    match = OPENING.search(text)
    closing: dict[int, int] | None = None
    while match:
        after = match.end()
        if match.group(1):
            end = text.find("}", after, after + SHORT)
            if end < 0 or not text[after:end].isalnum():  # braces within, or none at all
                closing = closing_braces(text, match.start()) if closing is None else closing
                end = closing.get(after - 1, -1)
            if end >= 0:
                found.append((match.start(), end + 1, text[match.end() : end]))
                after = end + 1
        elif token := TOKEN.match(text, match.end()):
            found.append((match.start(), token.end(), token.group()))
            after = token.end()
        match = OPENING.search(text, after)
    return found


def restored(text: str) -> str:
    """Return the text with the backslash of its boxes, if every box lacks it."""
    if "oxed" not in text or OPENING.search(text):
        return text
    return BARE.sub(lambda _: BOX[:-1], text)


def without_doubled(text: str) -> str:
    r"""Return the text with `\frac` for `\\frac`, if every command is written so, as a careless JSON writer does."""
    if "\\\\" not in text or not DOUBLED.search(text) or SINGLE.search(text):
        return text
    return text.replace("\\\\", "\\")


def closing_braces(text: str, start: int) -> dict[int, int]:
    """Map the position of each opening brace from `start` on to that of its closing one, in one pass. Escaped braces
    are text."""
    open_at: list[int] = []
    closes: dict[int, int] = {}
    for match in BRACE.finditer(text, start):
        if match.group() == "{":
            open_at.append(match.start())
        elif match.group() == "}" and open_at:
            closes[open_at.pop()] = match.start()
    return closes
