"""Finds the formulas of a text, displayed and inline, with their delimiters. Linear in the text's length."""

import re
from collections import defaultdict
from collections.abc import Iterator

Span = tuple[int, int]

# \[x\]  \(x\)  $$x$$  $x$  \begin{align*}x\end{align*}; an escaped character such as \$, or \\ in \\[2pt], is no mark
MARK = re.compile(
    r"\\(?P<edge>begin|end)\{(?P<name>[A-Za-z]{1,24}\*?)\}|\\(?P<bracket>[\[\]()])|\\.|(?P<dollars>\$\$?)|(?P<line>\n)"
)
MAX_INDENT = 40
BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")


def formulas(text: str, code: list[Span]) -> list[Span]:
    """Return the formulas `(start, end)`, each kind by itself, so some may lie inside others. Marks in `code`, which is
    in order, count for nothing. An unclosed display ends with its paragraph; an unclosed `$` or `\\(` opens nothing."""
    scan = Scan(text)
    for match in outside(MARK.finditer(text), code):
        if match["line"]:
            scan.end_line(match.start())
        elif match["edge"]:
            scan.environment(match["name"], match["edge"] == "begin", match)
        elif match["bracket"]:
            scan.bracket(match["bracket"], match)
        elif match["dollars"] == "$$" and "$" not in scan.opened:
            scan.display(match)
        elif match["dollars"]:
            for place in range(*match.span()):  # `$$` in `$x$$y$` closes one formula and opens another
                scan.dollar(place)
    return [*scan.found, *scan.unclosed()]


def outside(marks: Iterator[re.Match[str]], code: list[Span]) -> Iterator[re.Match[str]]:
    blocks = iter(code)
    start, end = next(blocks, (0, 0))
    for mark in marks:
        while end and end <= mark.start():
            start, end = next(blocks, (0, 0))
        if not end or mark.start() < start:
            yield mark


class Scan:
    """What is open at a place of a text. `formulas` tells it every mark, in order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Span] = []
        self.opened: dict[str, int] = {}
        self.environments: dict[str, list[int]] = defaultdict(list)
        self.abandoned: list[int] = []
        """Displays that can no longer be closed."""
        self.line = 0
        """Where the line begins."""
        self.blank = -1
        """Where the last blank line ends."""
        self.display_begins_line = False
        """Whether the open `$$` is the first mark of its line: then it may hold blank lines."""

    def end_line(self, end: int) -> None:
        self.opened.pop("$", None)
        if not self.text[self.line : end].strip():
            self.blank = end
            self.opened.pop("(", None)
            if "$$" in self.opened and not self.display_begins_line:
                self.abandoned.append(self.opened.pop("$$"))
        self.line = end + 1

    def environment(self, name: str, begins: bool, match: re.Match[str]) -> None:
        if begins:
            self.environments[name].append(match.start())
        elif begun := self.environments[name]:
            self.found.append((begun.pop(), match.end()))

    def bracket(self, bracket: str, match: re.Match[str]) -> None:
        if bracket in "[(":
            if bracket == "[" and bracket in self.opened:
                self.abandoned.append(self.opened[bracket])
            self.opened[bracket] = match.start()
        elif (begin := self.opened.pop("[" if bracket == "]" else "(", -1)) >= 0:
            self.found.append((begin, match.end()))

    def display(self, match: re.Match[str]) -> None:
        """`$$` closes a display; behind a blank line only at a line's end, for otherwise the first was never closed."""
        begin = self.opened.pop("$$", -1)
        if begin >= 0 and (begin >= self.blank or not self.text[match.end() : match.end() + 1].strip()):
            self.found.append((begin, match.end()))
            return
        self.opened["$$"] = match.start()
        before = match.start() - self.line
        self.display_begins_line = before <= MAX_INDENT and not self.text[self.line : match.start()].strip()
        if begin >= 0:
            self.abandoned.append(begin)

    def dollar(self, place: int) -> None:
        begin = self.opened.pop("$", -1)
        if begin >= 0 and self.closes(begin, place):
            self.found.append((begin, place + 1))
        else:
            self.opened["$"] = place

    def closes(self, begin: int, place: int) -> bool:
        """Say whether a dollar ends the formula that another began. `$5 and $6` and `$5-$6` are amounts of money
        (Pandoc's rule); `$ x = 5 $` is a formula, for no amount has a space behind the sign."""
        if self.text[begin + 1].isspace():
            return True
        return not self.text[place - 1].isspace() and not self.text[place + 1 : place + 2].isdigit()

    def unclosed(self) -> Iterator[Span]:
        """Yield the displays that were never closed, each to the end of its paragraph."""
        open_now = [self.opened[kind] for kind in ("[", "$$") if kind in self.opened]
        begun = [place for places in self.environments.values() for place in places]
        end = -1
        for start in sorted([*self.abandoned, *open_now, *begun]):
            if start >= end:
                blank = BLANK_LINE.search(self.text, start)
                end = blank.start() if blank else len(self.text.rstrip())
            yield start, max(end, start + 1)
