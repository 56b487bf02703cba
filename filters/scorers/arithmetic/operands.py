"""Finds what stands on each side of a relation sign: an operand, as far as it is arithmetic.

In `so 5 apples + 3 apples = 8 apples in all`, the operands are `5 + 3`, counting apples, and `8`, counting apples.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from filters.scorers.arithmetic.edges import (
    MOST_NOUN_WORDS,
    counts,
    ends_number,
    is_apart,
    is_cut_off,
    is_dash,
    is_modulo,
    is_of,
    is_remark,
    joins,
    previous_word,
)
from filters.scorers.arithmetic.tokens import CLOSING, OPENING, Token
from filters.scorers.arithmetic.word_lists import APPROXIMATE, EXACT

MOST_TOKENS = 120
"""An operand of more tokens is not decided."""


@dataclass
class Operand:
    """What stands on one side of a relation. Made here; read by `amounts` and `doubts`."""

    text: str
    """The expression without its words; empty if there is none, or if it is more than arithmetic."""
    nouns: set[str] = field(default_factory=set)
    """The words that its numbers count, in small letters, and `$` for money."""
    before: str = ""
    """The word before the operand on the left of a relation, in small letters; empty at the beginning of a clause."""
    ambiguous: bool = False
    """Whether it can be read in two ways: `45 (1-9)`, `1/6 ÷ 1/5`."""
    approximate: bool = False
    """Whether `about` stands before it."""
    first: int = 0
    last: int = 0
    """Its first token, and the one behind its last."""


NONE = Operand("")
QUALIFIERS = APPROXIMATE | EXACT


def links(tokens: list[Token]) -> Iterator[tuple[Operand, Token, Operand]]:
    """Yield every relation of a step with its operands."""
    matching = brackets(tokens)
    for index, token in enumerate(tokens):
        if token.kind == "relation":
            yield left_of(tokens, index, matching), token, right_of(tokens, index, matching)


def brackets(tokens: list[Token]) -> dict[int, int]:
    """Return for each bracket that has a partner the index of the partner."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind == "relation" or token.text == ";":
            opened = []  # no bracket holds a relation, as an operand does not reach beyond one
        elif token.kind == "bracket" and token.text in OPENING:
            opened.append(index)
        elif token.kind == "bracket" and opened and tokens[opened[-1]].text == CLOSING[token.text]:
            found[index] = opened.pop()
            found[found[index]] = index
    return found


def left_of(tokens: list[Token], relation: int, matching: dict[int, int]) -> Operand:
    """Return the operand that ends before a relation, read from right to left."""
    at = relation - 1
    while at >= 0 and relation - at < MOST_TOKENS:
        if tokens[at].kind == "word" and not is_of(tokens, at):
            start = before_nouns(tokens, at)
            if not start:
                break
            at = start - 1
        elif tokens[at].kind != "word" and ends_left(tokens, at, matching):
            break
        else:
            at -= 1
    if relation - at >= MOST_TOKENS:
        return NONE
    return operand(tokens, at + 1, relation, matching, previous_word(tokens, at))


def before_nouns(tokens: list[Token], at: int) -> int:
    """Return where the words begin that end at `at` and tell what the number before them counts; 0 if they do not."""
    start = at
    while start > 0 and tokens[start - 1].kind == "word" and not is_of(tokens, start - 1):
        start -= 1
    return start if start and counts(tokens, start - 1, start, at + 1) and ends_number(tokens[at + 1]) else 0


def right_of(tokens: list[Token], relation: int, matching: dict[int, int]) -> Operand:
    """Return the operand that begins behind a relation, read from left to right."""
    first = relation + 1
    while first < len(tokens) and tokens[first].text.lower() in QUALIFIERS:
        if first - relation == MOST_TOKENS:
            return NONE
        first += 1
    at = first
    while at < len(tokens) and at - first < MOST_TOKENS:
        if tokens[at].kind == "word" and not is_of(tokens, at):
            end = behind_nouns(tokens, first, at)
            if not end:
                break
            at = end
        elif ends_right(tokens, first, at, matching):
            break
        else:
            at += 1
    if at - first >= MOST_TOKENS:
        return NONE
    found = operand(tokens, first, at, matching, "")
    found.approximate = any(token.text.lower() in APPROXIMATE for token in tokens[relation + 1 : first])
    found.nouns |= trailing_nouns(tokens, at)
    return found


def behind_nouns(tokens: list[Token], first: int, at: int) -> int:
    """Return where an expression goes on behind the words at `at`; 0 if it ends before them."""
    end = at
    while end < len(tokens) and tokens[end].kind == "word" and not is_of(tokens, end):
        end += 1
    if at == first or end == len(tokens) or not counts(tokens, at - 1, at, end):
        return 0
    goes_on = tokens[end].kind in ("relation", "delimiter", "bracket", "operator") and not is_dash(tokens, end)
    return end if goes_on else 0


def ends_right(tokens: list[Token], first: int, at: int, matching: dict[int, int]) -> bool:
    """Say whether an operand on the right of a relation ends before a token that is no word."""
    token = tokens[at]
    if token.kind == "delimiter":
        return at > first and at + 1 < len(tokens) and not joins(tokens[at - 1], tokens[at + 1])
    if token.kind == "bracket":
        return at not in matching or (token.text == "(" and at > first and is_remark(tokens, at, matching))
    if token.kind == "operator":
        return is_dash(tokens, at) or is_modulo(tokens, at)
    return token.kind not in ("number", "command") and not is_of(tokens, at)


def ends_left(tokens: list[Token], at: int, matching: dict[int, int]) -> bool:
    """Say whether an operand on the left of a relation begins behind a token that is no word."""
    token = tokens[at]
    if token.kind == "delimiter":
        return at > 0 and not joins(tokens[at - 1], tokens[at + 1])
    if token.kind == "bracket":
        return at not in matching
    return token.kind not in ("number", "operator", "command") or is_modulo(tokens, at)


def trailing_nouns(tokens: list[Token], at: int) -> set[str]:
    """Return the words behind an operand, the first of which may tell what it counts."""
    while at < len(tokens) and tokens[at].kind == "delimiter":
        at += 1
    words = tokens[at : at + MOST_NOUN_WORDS]
    return {token.text.lower() for token in takewhile(lambda token: token.kind == "word", words)}


def operand(tokens: list[Token], first: int, last: int, matching: dict[int, int], before: str) -> Operand:
    """Return the operand of the tokens, or NONE if what stands around them belongs to it."""
    parts, nouns, ambiguous = [], set(), False
    at = first
    while at < last:
        token = tokens[at]
        if token.kind == "word" and not is_of(tokens, at):
            nouns.add(token.text.lower())
            if at + 2 < last and tokens[at + 1].text == "^":  # `5 cm^2`, `5 cm^{2}`
                at = matching.get(at + 2, at + 2)
        elif token.kind == "delimiter":
            nouns |= {"$"} & {token.text}
        elif token.kind == "bracket" and not first <= matching.get(at, -1) < last:
            return NONE
        else:
            before_it = tokens[at - 1] if at > first else None
            ambiguous |= token.text == "(" and before_it is not None and is_apart(before_it, token)
            parts.append("*" if token.kind == "word" else token.text.replace(",", ""))
        at += 1
    if not parts or is_cut_off(tokens, first, last):
        return NONE
    ambiguous |= "÷" in parts and "/" in parts
    text = " ".join(parts).replace("÷", "/")
    if text.startswith("{") and "} {" in text:
        return NONE  # what is left of `\\frac{1}{2}` without its backslash
    return Operand(text, nouns, before, ambiguous, first=first, last=last)
