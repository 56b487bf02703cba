"""Tells from the tokens around it where an operand ends, and whether it goes on as something else than arithmetic."""

from filters.scorers.arithmetic.tokens import CLOSING, OPENING, Token
from filters.scorers.arithmetic.word_lists import BEFORE_BRACKETS, CLAIMING, NO_NOUN, UNITS

MOST_NOUN_WORDS = 4


def is_apart(number: Token, bracket: Token) -> bool:
    return number.kind == "number" and number.end < bracket.start


def is_cut_off(tokens: list[Token], first: int, last: int) -> bool:
    """Say whether an operand goes on beyond what could be read: with a variable, a sign, a further digit."""
    begin, end = tokens[first], tokens[last - 1]
    before = tokens[first - 1] if first else None
    after = tokens[last] if last < len(tokens) else None
    if begin.kind == "operator" and (begin.text not in "+-" or is_binary(tokens, first)):
        return True
    if end.kind == "operator" and end.text not in "!%":
        return True
    if "%" in (before and before.text, after and after.text):
        return True
    if before and before.kind == "word" and begin.text in OPENING and before.text.lower() not in BEFORE_BRACKETS:
        return True  # `sum over all (63 points) = 5`
    if before and (is_opaque(before) or (before.end == begin.start and glued(before, begin))):
        return True
    return bool(after and (is_opaque(after) or (after.start == end.end and glued(end, after))))


def is_binary(tokens: list[Token], at: int) -> bool:
    """Say whether a sign before an operand subtracts it from what stands before, as in `profit - 5`, not in `is -5`."""
    if at == 0 or at + 1 >= len(tokens):
        return False
    before, sign, after = tokens[at - 1 : at + 2]
    if before.text == ";":
        return after.start > sign.end  # the rest of the line before, or an item of a list
    if before.kind in ("relation", "delimiter") or before.text in ",:({[→":
        return False
    return before.end == sign.start or after.start > sign.end or before.kind != "word"


def is_opaque(token: Token) -> bool:
    """Say whether a token beside an operand makes it something else than arithmetic."""
    if token.kind == "word":
        return len(token.text) == 1 and token.text.isascii() and token.text not in {"a", "A", "I", *UNITS}
    return (
        token.kind == "command"
        or (token.kind == "other" and token.text in "…_|#@'∞∪∩±∑∏⊕∘\\")
        or (token.kind == "other" and token.text.startswith("\\"))
        or token.kind == "number"
    )


def glued(left: Token, right: Token) -> bool:
    """Say whether two tokens that touch are one thing: `3rd`, `x2`, `1,5`, `9:30`, `f(2)`."""
    pair = {left.kind, right.kind}
    if pair == {"number", "word"}:
        word = (left if left.kind == "word" else right).text
        return word.isascii() and (left.kind == "word" or word not in UNITS)
    if pair == {"word", "bracket"}:
        return right.text in OPENING
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
    if (touches and names[0] not in UNITS) or any(
        len(name) == 1 and name.isascii() and name not in UNITS for name in names
    ):
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
    if tokens[at].text != "-":
        return False
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return bool(following and following.kind == "word" and len(following.text) > 2 and following.start > tokens[at].end)


def previous_word(tokens: list[Token], at: int) -> str:
    """Return the word that ends at a token, over delimiters; empty if it is no word, or if it ends one of CLAIMING."""
    while at >= 0 and tokens[at].kind == "delimiter":
        at -= 1
    if at < 0 or tokens[at].kind != "word":
        return ""
    earlier = tokens[at - 1].text.lower() if at else ""
    return "" if (earlier, tokens[at].text) in CLAIMING else tokens[at].text.lower()


def is_modulo(tokens: list[Token], at: int) -> bool:
    """Say whether `%` asks for the remainder of a division, as programs write it."""
    return tokens[at].text == "%" and at + 1 < len(tokens) and tokens[at + 1].kind == "number"
