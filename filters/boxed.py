r"""The contents of `\boxed{…}`, braces balanced."""

BOX = "\\boxed{"


def boxes(text: str) -> list[str]:
    r"""Contents of every top-level `\boxed{…}` in order; an unbalanced one is left out."""
    found, start = [], text.find(BOX)
    while start >= 0:
        end = closing_brace(text, start + len(BOX))
        if end is None:
            break
        found.append(text[start + len(BOX) : end])
        start = text.find(BOX, end)
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
