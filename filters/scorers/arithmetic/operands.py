"""Finds what stands on each side of a relation sign: an operand, as far as it is arithmetic.

In `so 5 apples + 3 apples = 8 apples in all`, the operands are `5 + 3`, counting apples, and `8`, counting apples.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from filters.scorers.arithmetic.tokens import Token
from filters.scorers.arithmetic.word_lists import APPROXIMATE, EXACT, NO_NOUN, UNITS

MOST_TOKENS = 120
"""An operand of more tokens is not decided."""
MOST_NOUN_WORDS = 4
OPENING, CLOSING = {"(": ")", "[": "]", "{": "}"}, {")": "(", "]": "[", "}": "{"}


@dataclass
class Operand:
    """What stands on one side of a relation. Made here; read by `amounts` and `doubts`."""

    text: str
    """The expression without its words; empty if there is none, or if it is more than arithmetic."""
    nouns: set[str] = field(default_factory=set)
    """The words that its numbers count, in small letters, and `$` for money."""
    before: str = ""
    """The word before the operand on the left of a relation, in small letters; empty at the beginning of a clause."""
    approximate: bool = False
    """Whether `about` stands before it."""
    first: int = 0
    last: int = 0
    """Its first token, and the one behind its last."""


NONE = Operand("")


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
    words: list[str] = []
    while at >= 0 and relation - at < MOST_TOKENS:
        token = tokens[at]
        behind = tokens[at + 1]
        if token.kind == "word":
            if is_of(tokens, at):
                at -= 1
                continue
            words.append(token.text)
            start = at
            while start > 0 and tokens[start - 1].kind == "word" and not is_of(tokens, start - 1):
                start -= 1
            if start > 0 and counts(tokens, start - 1, start, at + 1) and ends_number(behind):
                at = start - 1
                continue
            break
        if token.kind == "delimiter":
            if at > 0 and not joins(tokens[at - 1], behind):
                break
        elif token.kind == "bracket":
            if at not in matching:
                break
        elif token.kind not in ("number", "operator", "command") or (token.text == "%" and behind.kind == "number"):
            break
        at -= 1
    first = at + 1
    if relation - at >= MOST_TOKENS:
        return NONE
    return operand(tokens, first, relation, matching, previous_word(tokens, at))


def right_of(tokens: list[Token], relation: int, matching: dict[int, int]) -> Operand:
    """Return the operand that begins behind a relation, read from left to right."""
    at = relation + 1
    approximate = False
    while at < len(tokens) and (tokens[at].text.lower() in APPROXIMATE | EXACT or tokens[at].text == "~"):
        approximate = approximate or tokens[at].text.lower() not in EXACT
        at += 1
    first = at
    while at < len(tokens) and at - first < MOST_TOKENS:
        token = tokens[at]
        if token.kind == "word":
            end = at
            while end < len(tokens) and tokens[end].kind == "word" and not is_of(tokens, end):
                end += 1
            if is_of(tokens, at):
                at += 1
                continue
            if at > first and counts(tokens, at - 1, at, end):
                goes_on = end + 1 < len(tokens) and tokens[end].text in "+-*/÷^)}" and is_operand_token(tokens, end + 1)
                if goes_on or (end < len(tokens) and tokens[end].kind in ("relation", "delimiter", "bracket")):
                    at = end
                    continue
            break
        if token.kind == "delimiter":
            if at > first and at + 1 < len(tokens) and not joins(tokens[at - 1], tokens[at + 1]):
                break
        elif token.kind == "bracket":
            if at not in matching or (token.text == "(" and at > first and is_remark(tokens, at, matching)):
                break
        elif token.kind == "operator":
            if token.text == "-" and is_dash(tokens, at):
                break
            if token.text == "%" and at + 1 < len(tokens) and tokens[at + 1].kind == "number":
                return NONE  # the remainder of a division, as programs write it
        elif token.kind not in ("number", "command"):
            break
        at += 1
    if at - first >= MOST_TOKENS:
        return NONE
    found = operand(tokens, first, at, matching, "")
    found.approximate = approximate
    found.nouns |= trailing_nouns(tokens, at)
    return found


def trailing_nouns(tokens: list[Token], at: int) -> set[str]:
    """Return the words behind an operand, the first of which may tell what it counts."""
    words = tokens[at : at + MOST_NOUN_WORDS]
    return {token.text.lower() for token in takewhile(lambda token: token.kind == "word", words)}


def operand(tokens: list[Token], first: int, last: int, matching: dict[int, int], before: str) -> Operand:
    """Return the operand of the tokens, or NONE if what stands around them belongs to it."""
    parts, nouns = [], set()
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
            parts.append("*" if token.kind == "word" else token.text.replace(",", ""))
        at += 1
    if not parts or is_cut_off(tokens, first, last):
        return NONE
    if "÷" in parts and "/" in parts:
        nouns.add("÷")
    return Operand(" ".join(parts).replace("÷", "/"), nouns, before, first=first, last=last)


def is_cut_off(tokens: list[Token], first: int, last: int) -> bool:
    """Say whether an operand goes on beyond what could be read: with a variable, a sign, a further digit."""
    begin, end = tokens[first], tokens[last - 1]
    before = tokens[first - 1] if first else None
    after = tokens[last] if last < len(tokens) else None
    if begin.kind == "operator" and (begin.text not in "+-" or is_binary(tokens, first)):
        return True
    if end.kind == "operator" and end.text not in "!%":
        return True
    if before and (is_opaque(before) or (before.end == begin.start and glued(before, begin))):
        return True
    return bool(after and (is_opaque(after) or (after.start == end.end and glued(end, after))))


def is_binary(tokens: list[Token], at: int) -> bool:
    """Say whether a sign before an operand subtracts it from what stands before, as in `profit - 5`, not in `is -5`."""
    if at == 0 or at + 1 >= len(tokens):
        return False
    before, sign, after = tokens[at - 1 : at + 2]
    if before.kind in ("relation", "delimiter") or before.text in ",:;({[→":
        return False
    return before.end == sign.start or after.start > sign.end or before.kind != "word"


def is_opaque(token: Token) -> bool:
    """Say whether a token beside an operand makes it something else than arithmetic."""
    if token.kind == "word":
        return len(token.text) == 1 and token.text.isascii() and token.text not in {"a", "A", "I", *UNITS}
    return (
        token.kind == "command"
        or (token.kind == "other" and token.text in "…_|?#@'∞∪∩±∑∏⊕∘:")
        or (token.kind == "other" and token.text.startswith("\\"))
        or token.kind == "number"
    )


def glued(left: Token, right: Token) -> bool:
    """Say whether two tokens that touch are one thing: `3rd`, `x2`, `1,5`, `9:30`, `f(2)`."""
    pair = {left.kind, right.kind}
    if pair == {"number", "word"}:
        word = (left if left.kind == "word" else right).text.lower()
        return left.kind == "word" or (word.isascii() and word not in UNITS) or word == "m"
    if pair == {"word", "bracket"}:
        return right.text == "("
    return pair == {"number", "other"} and (left.text in ",:" or right.text in ":" or left.text == ".")


def joins(left: Token, right: Token) -> bool:
    """Say whether an expression goes on over a delimiter: `$5$ + $3$`."""
    return left.kind in ("operator", "relation") or right.kind in ("operator", "relation") or right.text in CLOSING


def counts(tokens: list[Token], number: int, start: int, end: int) -> bool:
    """Say whether the words from `start` to `end` tell what the number before them counts. Letters that touch it are
    variables, unless they are a unit."""
    token = tokens[number]
    if token.kind == "delimiter" and number:
        token = tokens[number - 1]
    if token.kind != "number" and token.text not in (")", "}", "%"):
        return False
    names = [word.text for word in tokens[start:end]]
    touches = tokens[start].start == token.end and names[0].isascii()
    if (touches and names[0] not in UNITS) or any(len(name) == 1 and name not in UNITS for name in names):
        return False
    return len(names) <= MOST_NOUN_WORDS and not NO_NOUN.intersection(map(str.lower, names))


def ends_number(behind: Token) -> bool:
    """Say whether a noun may stand before a token."""
    return behind.kind in ("relation", "operator", "delimiter") or behind.text in CLOSING


def is_of(tokens: list[Token], at: int) -> bool:
    """Say whether a word is the `of` of `20% of 50` or of `1/3 of 12`."""
    if tokens[at].text != "of" or at < 2:
        return False
    before, earlier = tokens[at - 1], tokens[at - 2]
    return before.text == "%" or (before.kind == "number" and earlier.text == "/")


def is_remark(tokens: list[Token], at: int, matching: dict[int, int]) -> bool:
    """Say whether a bracket behind a number holds a remark: `8 (since …)`. A variable is none: `3 (S + 9)`."""
    if tokens[at - 1].text in "+-*/^(" or tokens[at - 1].kind == "command" or tokens[at - 1].end == tokens[at].start:
        return False
    return any(token.kind == "word" and len(token.text) > 2 for token in tokens[at + 1 : matching[at]])


def is_dash(tokens: list[Token], at: int) -> bool:
    """Say whether a sign is a dash before words: `= 8 - which is …`."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return bool(following and following.kind == "word" and len(following.text) > 2 and following.start > tokens[at].end)


def is_operand_token(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and (
        tokens[at].kind in ("number", "command", "delimiter") or tokens[at].text in OPENING or tokens[at].text in "+-"
    )


def previous_word(tokens: list[Token], at: int) -> str:
    """Return the word that ends at a token, over delimiters; empty if it is no word."""
    while at >= 0 and tokens[at].kind == "delimiter":
        at -= 1
    return tokens[at].text.lower() if at >= 0 and tokens[at].kind == "word" else ""
