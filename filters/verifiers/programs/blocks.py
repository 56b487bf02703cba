"""Finds the programs in an answer: its fenced Python blocks, or the whole answer if it has no fence."""

from dataclasses import dataclass

MARKS = ("```", "~~~")
LANGUAGES = {"", "python", "py", "python3"}


@dataclass(frozen=True, slots=True)
class Fence:
    """A line that opens or closes a block. Made by `fence_of`."""

    indent: str
    marks: str
    """Three or more backticks or tildes."""
    language: str


def fence_of(line: str) -> Fence | None:
    """Read a fence such as `  ~~~ {.python} title`; None for any other line. No other backtick may follow the marks.

    This is a scan, not a regular expression: on a line of tildes every expression for it takes cubic time.
    """
    rest = line.lstrip(" \t")
    if not rest.startswith(MARKS):
        return None
    info = rest.lstrip(rest[0])
    if "`" in info:
        return None
    words = info.split(maxsplit=1)
    indent, marks = line[: len(line) - len(rest)], rest[: len(rest) - len(info)]
    return Fence(indent, marks, words[0] if words else "")


def programs_of(answer: str) -> tuple[list[str], list[str]]:
    """Return the blocks that are Python or of no language, and of these the ones that count where none of them defines
    what is asked for: those that say Python, or else all. Without a fence the answer is the one block of both. A last
    block that is never closed runs to the end."""
    blocks: list[tuple[Fence, list[str]]] = []
    opened: Fence | None = None
    for line in answer.split("\n"):
        found = fence_of(line.rstrip("\r"))
        if found and not opened:
            opened = found
            blocks.append((found, []))
        elif found and opened and not found.language and found.marks.startswith(opened.marks):
            opened = None
        elif opened:
            blocks[-1][1].append(line.removeprefix(opened.indent))
    if not blocks:
        whole = [answer] if answer.strip() else []
        return whole, whole
    programs = [
        (language, "\n".join(lines))
        for fence, lines in blocks
        if (language := fence.language.strip("{}.").lower()) in LANGUAGES and "".join(lines).strip()
    ]
    texts = [text for _, text in programs]
    return texts, [text for language, text in programs if language] or texts
