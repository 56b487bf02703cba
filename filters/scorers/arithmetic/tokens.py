"""Cuts a step into tokens: numbers, operators, brackets, relations, words and other signs."""

import re
from typing import NamedTuple

# "1,234.5", "\frac", "<=", "=>", "apples", "元", "+"
TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3}){1,8}(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<arrow>=>|[-=]{1,3}>|<-+>?|→|⇒)"
    r"|(?P<relation><=|>=|==|!=|=|<|>|≤|≥|≠|≈|≡)"
    r"|(?P<bracket>[()\[\]{}])"
    r"|(?P<command>\\[A-Za-z]+)"
    r"|\\(?P<delimiter>[()\[\]])|(?P<dollar>\$)"
    r"|(?P<operator>[-+*/÷^!%])"
    r"|(?P<word>[A-Za-z]+(?:['’][a-z]+)?|[\u4e00-\u9fff]+)"
    r"|(?P<other>\S)"
)
# "x = 5$", but not "US$5"
CLOSING_DOLLAR = re.compile(r"[\d)}]\$")
OPENING, CLOSING = {"(": ")", "[": "]", "{": "}"}, {")": "(", "]": "[", "}": "{"}
KNOWN_COMMANDS = {r"\frac", r"\sqrt", r"\binom", r"\pi"}


class Token(NamedTuple):
    kind: str
    """number, relation, bracket, operator, command, delimiter, word, or other (arrows and the rest)."""
    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    r"""Return the tokens in order. `\(`, `\[` and `$` are delimiters; in a text without formulas, `$` is money."""
    found = []
    has_formulas = "\\" in text or CLOSING_DOLLAR.search(text) is not None
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind in ("dollar", "delimiter"):
            name = "$" if kind == "dollar" and not has_formulas else "formula"
            found.append(Token("delimiter", name, match.start(), match.end()))
            continue
        if kind == "arrow" or (kind == "command" and match[0] not in KNOWN_COMMANDS):
            kind = "other"
        found.append(Token(kind, match[0], match.start(), match.end()))
    return found
