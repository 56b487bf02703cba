r"""A small, safe parser of mathematical expressions as models write them, LaTeX or plain, into nested tuples.

Nothing is evaluated here and nothing of Python is reachable from the text. Nodes: ("num", Fraction), ("sym", name),
("fn", name, *arguments) and ("+", …), ("*", …), ("/", a, b), ("^", a, b), ("neg", a).
"""

from fractions import Fraction
from typing import Any

from filters.verifiers.mathematics.tokens import CONSTANTS, FUNCTIONS, NotAnExpression, tokens_of

Node = tuple[Any, ...]
MAX_CHARACTERS = 2000
MAX_DEPTH = 60
"""Nested groups; real answers have under ten."""

CALLED = {"f", "g", "h", "F", "G", "H", "phi", "psi"}
"""Letters that before a bracket may be functions, or factors."""
ACCENTS = {"overline", "vec", "hat", "tilde", "widehat"}
MANY = {"gcd", "lcm", "max", "min"}
GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
    "xi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
    "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell", "hbar",
}  # fmt: skip
PRODUCTS = {"*", r"\cdot", r"\times"}
ENDS = {None, ")", "]", "}", r"\}", ",", "|", "+", "-", "=", r"\rfloor", r"\rceil"} | PRODUCTS | {"/", r"\bmod"}


def parse_expression(text: str) -> Node:
    """Errors: NotAnExpression for anything outside the grammar, too long or too deep."""
    if len(text) > MAX_CHARACTERS:
        raise NotAnExpression("too long")
    parser = Parser(tokens_of(text))
    node = parser.sum()
    if parser.peek() is not None:
        raise NotAnExpression(f"left over: {parser.peek()}")
    return node


class Parser:
    """Recursive descent over tokens; `*` binds like `/`, left to right, and a missing sign is a product."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at, self.depth, self.bars = tokens, 0, 0, 0

    def peek(self, ahead: int = 0) -> str | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if token is None or (wanted is not None and token != wanted):
            raise NotAnExpression(f"expected {wanted}, found {token}")
        self.at += 1
        return token

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotAnExpression("too deep")
        terms = [self.signed()]
        while self.peek() in ("+", "-"):
            terms.append(self.signed())
        self.depth -= 1
        return terms[0] if len(terms) == 1 else ("+", *terms)

    def signed(self) -> Node:
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.take() == "-"
        term = self.product()
        return ("neg", term) if negative else term

    def product(self) -> Node:
        node = self.power()
        while True:
            token = self.peek()
            if token in PRODUCTS:
                self.take()
                node = ("*", node, self.signed_factor())
            elif token == "/":
                self.take()
                node = ("/", node, self.signed_factor())
            elif token == r"\bmod":
                self.take()
                node = ("fn", "mod", node, self.signed_factor())
            elif token == "|" and not self.bars:
                node = ("*", node, self.power())
            elif token in ENDS:
                return node
            elif is_integer(node) and token == r"\frac" and (fraction := self.plain_fraction()):
                node = ("+", node, fraction)  # a mixed number: 2\frac{1}{2}
            elif is_integer(node) and self.is_inline_fraction():
                top, _, bottom = self.take(), self.take(), self.take()
                node = ("+", node, ("/", number(top), number(bottom)))  # 2 1/2
            elif token is not None and token[0].isdigit() and is_integer(node):
                raise NotAnExpression("two numbers side by side")
            else:
                node = ("*", node, self.power())

    def is_inline_fraction(self) -> bool:
        top, slash, bottom = self.peek(), self.peek(1), self.peek(2)
        return bool(top and bottom and slash == "/" and top.isdigit() and bottom.isdigit())

    def plain_fraction(self) -> Node | None:
        """A `\\frac` of two positive integers, or None with nothing taken."""
        start = self.at
        node = self.power()
        if node[0] == "/" and is_integer(node[1]) and is_integer(node[2]):
            return node
        self.at = start
        return None

    def signed_factor(self) -> Node:
        if self.peek() in ("+", "-"):
            return ("neg", self.signed_factor()) if self.take() == "-" else self.signed_factor()
        return self.power()

    def power(self) -> Node:
        base = self.postfix(self.atom())
        if self.peek() != "^":
            return base
        self.take()
        if self.peek() == r"\circ":
            self.take()
            return self.degrees(base)
        if self.peek() == "{" and self.peek(1) == r"\circ" and self.peek(2) == "}":
            self.at += 3
            return self.degrees(base)
        exponent = ("neg", self.power()) if self.peek() == "-" and self.take() else self.argument_or_power()
        return self.postfix(("^", base, exponent))

    def argument_or_power(self) -> Node:
        """`x^{10}`, `x^10` and `2^3^4`, read as 2^(3^4)."""
        base = self.group("{", "}") if self.peek() == "{" else self.atom()
        if self.peek() == "^":
            self.take()
            return ("^", base, self.argument_or_power())
        return base

    def degrees(self, node: Node) -> Node:
        return ("fn", "deg", node)

    def postfix(self, node: Node) -> Node:
        while self.peek() in ("!", "%"):
            node = ("fn", "factorial", node) if self.take() == "!" else ("/", node, ("num", Fraction(100)))
        return node

    def group(self, opening: str, closing: str) -> Node:
        self.take(opening)
        bars, self.bars = self.bars, 0
        node = self.sum()
        self.take(closing)
        self.bars = bars
        return node

    def atom(self) -> Node:
        token = self.take()
        if token[0].isdigit() or token[0] == ".":
            return self.subscripted_number(token)
        if token in ("(", "["):
            self.at -= 1
            return self.group(token, ")" if token == "(" else "]")
        if token == "{":
            self.at -= 1
            return self.group("{", "}")
        if token == "|":
            self.bars += 1
            inner = self.sum()
            self.take("|")
            self.bars -= 1
            return ("fn", "abs", inner)
        name = token.lstrip("\\")
        if name in FUNCTIONS:
            return self.function(name)
        if name in CONSTANTS:
            return self.subscripted(CONSTANTS[name])
        if token.startswith("\\"):
            return self.command(name)
        if token.isalpha() and len(token) == 1:
            symbol = self.subscripted(token)
            return ("call", symbol[1], self.group("(", ")")) if token in CALLED and self.peek() == "(" else symbol
        raise NotAnExpression(f"unexpected {token}")

    def subscripted_number(self, token: str) -> Node:
        if self.peek() == "_":
            raise NotAnExpression("a number in another base")
        return number(token)

    def subscripted(self, name: str) -> Node:
        """A symbol with its subscript and primes: `x_1`, `x_{max}`, `f'`."""
        if self.peek() == "_":
            self.take()
            name += "_" + self.raw_group()
        while self.peek() == "'":
            name += self.take()
        return ("sym", name)

    def raw_group(self) -> str:
        if self.peek() != "{":
            return self.take()
        self.take()
        parts = []
        while self.peek() not in ("}", None):
            parts.append(self.take())
        self.take("}")
        return "".join(parts)

    def argument(self) -> Node:
        """A braced group, or the next single token, of which a number gives one digit: `\\frac12`."""
        if self.peek() == "{":
            return self.group("{", "}")
        token = self.peek()
        if token and token.isdigit() and len(token) > 1:
            self.tokens[self.at] = token[1:]
            return number(token[0])
        return self.atom()

    def command(self, name: str) -> Node:
        if name == "frac":
            top = self.argument()
            return ("/", top, self.argument())
        if name == "binom":
            top = self.argument()
            return ("fn", "binom", top, self.argument())
        if name in ("lfloor", "lceil"):
            inner = self.sum()
            self.take("\\r" + name[1:])
            return ("fn", name[1:], inner)
        if name in GREEK:
            symbol = self.subscripted(name)
            return ("call", symbol[1], self.group("(", ")")) if name in CALLED and self.peek() == "(" else symbol
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
            return ("fn", f"arc{name}", *node[2:])  # sin^{-1}
        return ("^", node, exponent) if exponent else node

    def arguments(self, name: str) -> list[Node]:
        if self.peek() == "(" or (self.peek() == "{" and name not in MANY) or (self.peek() == r"\{" and name in MANY):
            closing = {"(": ")", "{": "}", r"\{": r"\}"}[self.take()]
            found = [self.sum()]
            while name in MANY and self.peek() == ",":
                self.take()
                found.append(self.sum())
            self.take(closing)
            return found
        if name == "sqrt":
            return [self.argument()]
        node = self.signed_factor()
        while self.peek() not in ENDS and self.peek() != "(" and (self.peek() or "").lstrip("\\") not in FUNCTIONS:
            node = ("*", node, self.power())  # sin 2x
        return [node]


def number(token: str) -> Node:
    digits, _, exponent = token.lower().partition("e")
    if exponent and abs(int(exponent)) > 400:
        raise NotAnExpression("exponent out of range")
    return ("num", Fraction(digits.rstrip(".") or "0") * Fraction(10) ** int(exponent or 0))


def is_integer(node: Node) -> bool:
    return node[0] == "num" and node[1].denominator == 1 and node[1] >= 0
