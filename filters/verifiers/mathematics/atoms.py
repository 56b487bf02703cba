"""Lower half of the expression parser: reads numbers, brackets, functions, commands and letters."""

from abc import ABC, abstractmethod
from fractions import Fraction

from filters.verifiers.mathematics.functions import FUNCTIONS
from filters.verifiers.mathematics.nodes import Node, NotAnExpression, number_node
from filters.verifiers.mathematics.tokens import TokenReader, is_number
from filters.verifiers.mathematics.vocabulary import (
    ACCENTS,
    CALLED,
    CONSTANT_NAMES,
    CONSTANTS,
    FUNCTION_NAMES,
    GREEK,
    SEVERAL_ARGUMENTS,
)

PRODUCTS = {"*", r"\cdot", r"\times"}
ENDS = {None, ")", "]", "}", r"\}", ",", "|", "+", "-", "=", r"\rfloor", r"\rceil"} | PRODUCTS | {"/", r"\bmod"}
"""Tokens that end a run of factors written without a sign between them."""


class AtomParser(TokenReader, ABC):
    """Reads one atom. The content of brackets is a sum again, which the upper half (expression.py) reads."""

    def __init__(self, tokens: list[str]) -> None:
        super().__init__(tokens)
        self.depth = 0
        self.bars = 0
        """Number of open `|`: inside one, the next `|` closes it."""

    @abstractmethod
    def sum(self) -> Node: ...

    @abstractmethod
    def signed_factor(self) -> Node: ...

    @abstractmethod
    def power(self) -> Node: ...

    def atom(self) -> Node:
        token = self.take()
        if is_number(token):
            if self.peek() == "_":
                raise NotAnExpression("a number in another base")
            return number_node(token)
        if token in ("(", "[", "{"):
            self.at -= 1
            return self.group(token, {"(": ")", "[": "]", "{": "}"}[token])
        if token == "|":
            self.bars += 1
            content = self.sum()
            self.take("|")
            self.bars -= 1
            return ("fn", "abs", content)
        name = token.lstrip("\\")
        if name in FUNCTION_NAMES:
            return self.function(name)
        if name in CONSTANT_NAMES:
            return self.subscripted(CONSTANT_NAMES[name])
        if token.startswith("\\"):
            return self.command(name)
        if token.isalpha() and len(token) == 1:
            return self.letter(name)
        raise NotAnExpression(f"unexpected {token}")

    def group(self, opening: str, closing: str) -> Node:
        self.take(opening)
        bars, self.bars = self.bars, 0
        node = self.sum()
        self.take(closing)
        self.bars = bars
        if opening == "[" and node[0] == "sym" and node[1] not in CONSTANTS:
            return ("fn", "floor", node)  # [x], as Gauss and Chinese textbooks write it; 2[x+1] is a product
        return node

    def letter(self, name: str) -> Node:
        """Read a symbol, or a letter such as f with its argument. Before `(0)` any letter is one that stands for a
        value: nobody writes a product with 0."""
        symbol = self.subscripted(name)
        if self.tokens[self.at : self.at + 3] == ["(", "0", ")"]:
            self.at += 3
            return ("sym", f"{symbol[1]}(0)")
        return ("call", symbol[1], self.group("(", ")")) if name in CALLED and self.peek() == "(" else symbol

    def argument(self) -> Node:
        r"""Read a braced group or the next single token. A number gives just one digit: `\frac12`."""
        if self.peek() == "{":
            return self.group("{", "}")
        token = self.peek()
        if token and token.isdecimal() and len(token) > 1:
            self.tokens[self.at] = token[1:]
            return number_node(token[0])
        return self.atom()

    def command(self, name: str) -> Node:
        if name == "frac":
            top = self.argument()
            return ("/", top, self.argument())
        if name == "binom":
            top = self.argument()
            return ("fn", "binom", top, self.argument())
        if name in ("lfloor", "lceil"):
            content = self.sum()
            self.take("\\r" + name[1:])
            return ("fn", name[1:], content)
        if name in GREEK:
            return self.letter(name)
        if name in ACCENTS:
            return self.subscripted(f"{name} {self.raw_group()}")
        raise NotAnExpression(f"unknown command \\{name}")

    def function(self, name: str) -> Node:
        if name == "sqrt" and self.peek() == "[":
            root = self.group("[", "]")
            return ("^", self.argument(), ("/", ("num", Fraction(1)), root))
        base = exponent = None
        if self.peek() == "_" and name == "log":
            self.take()
            base = self.argument()
        if self.peek() == "^" and name != "sqrt":
            self.take()
            exponent = ("neg", self.argument()) if self.peek() == "-" and self.take() else self.argument()
        node: Node = ("fn", name, *([base] if base else []), *self.arguments(name))
        if exponent == ("neg", ("num", Fraction(1))) or exponent == ("num", Fraction(-1)):
            if f"arc{name}" not in FUNCTIONS:
                raise NotAnExpression(f"the inverse of {name}")
            return ("fn", f"arc{name}", *node[2:])  # sin^{-1}
        return ("^", node, exponent) if exponent else node

    def arguments(self, name: str) -> list[Node]:
        """Read a function's arguments: in brackets, or the factors that follow, as in `sin 2x`."""
        is_variadic, opening = name in SEVERAL_ARGUMENTS, self.peek()
        if opening == "(" or (opening == "{" and not is_variadic) or (opening == r"\{" and is_variadic):
            closing = {"(": ")", "{": "}", r"\{": r"\}"}[self.take()]
            found = [self.sum()]
            while is_variadic and self.peek() == ",":
                self.take()
                found.append(self.sum())
            self.take(closing)
            return found
        if name == "sqrt":
            return [self.argument()]
        node = self.signed_factor()
        while self.peek() not in ENDS and self.peek() != "(" and (self.peek() or "").lstrip("\\") not in FUNCTION_NAMES:
            node = ("*", node, self.power())
        return [node]
