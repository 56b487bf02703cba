r"""The contents of `\boxed{…}`, braces balanced."""

import re

BOX = "\\boxed{"
OPENING = re.compile(r"\\(?:boxed|fbox)\s*(\{|(?=[^\s{]))")


def boxes(text: str) -> list[str]:
    r"""Contents of every top-level `\boxed{…}` or `\fbox{…}` in order; an unbalanced one is left out."""
    return [content for _, _, content in boxes_with_places(text)]


def boxes_with_places(text: str) -> list[tuple[int, int, str]]:
    """(start, end, content) of each. `\\boxed 5`, as TeX allows, boxes one token."""
    found: list[tuple[int, int, str]] = []
    match = OPENING.search(text)
    while match:
        if match.group(1):
            end = closing_brace(text, match.end())
            if end is None:
                break
            found.append((match.start(), end + 1, text[match.end() : end]))
            after = end + 1
        else:
            token = re.compile(r"\\[A-Za-z]+|[^\s$\\.,;]+").match(text, match.end())
            after = token.end() if token else match.end()
            if token:
                found.append((match.start(), after, token.group()))
        match = OPENING.search(text, after)
    return found


def closing_brace(text: str, position: int) -> int | None:
    """Where the brace opened just before `position` closes. Escaped braces are text."""
    depth, escaped = 1, False
    for index in range(position, len(text)):
        character = text[index]
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return index
    return None
