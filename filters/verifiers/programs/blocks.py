"""Finds the program in an answer: its last fenced Python block, or the whole answer if it has no fence."""

import re

FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^\s`]*)[^`\n]*$")
LANGUAGES = {"", "python", "py", "python3"}


def program_of(answer: str) -> str | None:
    """Return the program, or None if the answer has fences but none of Python. A last block that is never closed
    runs to the end."""
    blocks: list[tuple[str, str, list[str]]] = []
    open_fence, any_fence = "", False
    for line in answer.split("\n"):
        found = FENCE.match(line.rstrip("\r"))
        if found and not open_fence:
            open_fence, any_fence = found[2], True
            blocks.append((found[3].strip("{}.").lower(), found[1], []))
        elif found and not found[3] and found[2].startswith(open_fence):
            open_fence = ""
        elif open_fence:
            blocks[-1][2].append(line.removeprefix(blocks[-1][1]))
    if not any_fence:
        return answer if answer.strip() else None
    programs = ["\n".join(lines) for language, _, lines in blocks if language in LANGUAGES and "".join(lines).strip()]
    return programs[-1] if programs else None
