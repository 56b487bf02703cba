"""Cuts a mathematical expression, LaTeX or plain, into the tokens its parser reads: numbers, signs, commands, names."""

import re

from filters.verifiers.mathematics.nodes import Node, NotAnExpression
from filters.verifiers.mathematics.vocabulary import CONSTANT_NAMES, FUNCTION_NAMES

# "2.5e-3", ".5", "\frac", "\{", "**", "xy", "+"
TOKEN = re.compile(
    r"\s*(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\\[A-Za-z]+|\\.|\*\*|[A-Za-z]+|.)", re.DOTALL
)
BY_LENGTH = sorted(FUNCTION_NAMES | {"pi"}, key=len, reverse=True)


def tokens_of(text: str) -> list[str]:
    """Return the tokens in order. Errors: NotAnExpression for a word that is neither a known name nor a product of
    letters."""
    found: list[str] = []
    for token in TOKEN.findall(text.strip()):
        if token.isalpha() and token not in FUNCTION_NAMES and token not in CONSTANT_NAMES and len(token) > 1:
            found += split_word(token)
        else:
            found.append("^" if token == "**" else token)
    return found


def split_word(word: str) -> list[str]:
    """Split a word: `xy` is a product, `sinx` a function of x, and `apples` is no expression."""
    for name in BY_LENGTH:
        if word.startswith(name) and len(word) - len(name) <= 2:
            return [name, *word[len(name) :]]
    if len(word) > 4:
        raise NotAnExpression(f"a word: {word}")
    return list(word)


def is_number(token: str | None) -> bool:
    """Return True for a token that is a number. A point alone is none."""
    return token is not None and (token[0].isdecimal() or (token[0] == "." and len(token) > 1))


class TokenReader:
    """Reads a list of tokens from a position on."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self, ahead: int = 0) -> str | None:
        """Return the next token, or one further on, without taking it; None past the end."""
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def take(self, wanted: str | None = None) -> str:
        """Take the next token. Errors: NotAnExpression at the end, or if it is not the one wanted."""
        token = self.peek()
        if token is None or (wanted is not None and token != wanted):
            raise NotAnExpression(f"expected {wanted}, found {token}")
        self.at += 1
        return token

    def subscripted(self, name: str) -> Node:
        """Read a symbol's subscript and primes: `x_1`, `x_{max}`, `f'`."""
        if self.peek() == "_":
            self.take()
            name += "_" + self.raw_group()
        while self.peek() == "'":
            name += self.take()
        return ("sym", name)

    def raw_group(self) -> str:
        """Return the text of the next braced group, or the next token."""
        if self.peek() != "{":
            return self.take()
        self.take()
        parts = []
        while self.peek() not in ("}", None):
            parts.append(self.take())
        self.take("}")
        return "".join(parts)

    def takes_degree_sign(self) -> bool:
        r"""Take the `\circ` or `{\circ}` after a `^`, and return whether it was there."""
        if self.peek() == r"\circ":
            self.at += 1
            return True
        if self.peek() == "{" and self.peek(1) == r"\circ" and self.peek(2) == "}":
            self.at += 3
            return True
        return False
