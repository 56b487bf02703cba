r"""A small, safe parser of mathematical expressions as models write them, LaTeX or plain, into the trees of nodes.py.

Nothing is evaluated here, and the text cannot reach Python. Each rule of the grammar is one method:

    sum       signed, then any number of `+ signed` and `- signed`
    signed    any number of signs, then a product
    product   powers joined by `*`, `/`, `\bmod` or by nothing (`2x`); `*` and `/` bind alike, left to right
    power     an atom with its `!` and `%`, then perhaps `^` and an exponent
    atom      a number, a bracket, `|sum|`, a function with its arguments, a constant, a command, or a letter
"""

from fractions import Fraction

from filters.verifiers.mathematics.atoms import ENDS, PRODUCTS, AtomParser
from filters.verifiers.mathematics.nodes import Node, NotAnExpression, are_factors, is_natural, number_node, symbols_of
from filters.verifiers.mathematics.tokens import is_number, tokens_of

MAX_CHARACTERS = 2000
MAX_DEPTH = 60
"""Bound on nested groups; real answers have under ten."""


def parse_expression(text: str) -> Node:
    """Return the tree of a text. Errors: NotAnExpression for anything outside the grammar, too long or too deep."""
    if len(text) > MAX_CHARACTERS:
        raise NotAnExpression("too long")
    parser = Parser(tokens_of(text))
    node = parser.sum()
    if parser.peek() is not None:
        raise NotAnExpression(f"left over: {parser.peek()}")
    return node


class Parser(AtomParser):
    """Parses sums, products and powers by recursive descent over tokens."""

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
                node = product_of(node, token, self.signed_factor())
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
            elif self.tokens[self.at : self.at + 3] == ["(", "0", ")"] and stands_for_a_value(node):
                self.at += 3
                node = ("*", node, ("sym", "(0)"))
            elif is_natural(node) and (fraction := self.rest_of_mixed_number()):
                node = ("+", node, fraction)
            elif is_number(token) and is_number(self.peek(-1)):
                raise NotAnExpression("two numbers side by side")
            else:
                node = ("*", node, self.power())

    def rest_of_mixed_number(self) -> Node | None:
        r"""Return the fraction of `2\frac{1}{2}` or `2 1/2` if both its parts are whole numbers; else None, with
        nothing taken."""
        top, slash, bottom = self.peek(), self.peek(1), self.peek(2)
        if top == r"\frac":
            start = self.at
            node = self.power()
            if node[0] == "/" and is_natural(node[1]) and is_natural(node[2]):
                return node
            self.at = start
        elif top and bottom and slash == "/" and top.isdecimal() and bottom.isdecimal():
            self.at += 3
            return ("/", number_node(top), number_node(bottom))
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
        if self.takes_degree_sign():
            return ("fn", "deg", base)
        exponent = ("neg", self.power()) if self.peek() == "-" and self.take() else self.exponent()
        if base[0] == "call" and are_factors(base):
            return ("*", ("sym", base[1]), self.postfix(("^", base[2], exponent)))  # \frac{1}{2}g(t_1+t_2)^2
        return self.postfix(("^", base, exponent))

    def exponent(self) -> Node:
        """Read the exponent of `x^{10}`, `x^10` and `2^3^4`, which is 2^(3^4)."""
        base = self.group("{", "}") if self.peek() == "{" else self.atom()
        if self.peek() == "^":
            self.take()
            return ("^", base, self.exponent())
        return base

    def postfix(self, node: Node) -> Node:
        while self.peek() in ("!", "%"):
            node = ("fn", "factorial", node) if self.take() == "!" else ("/", node, ("num", Fraction(100)))
        return node


def stands_for_a_value(node: Node) -> bool:
    r"""Return True for what is a function before `(0)`: `i`, `\dot{x}`, `f^{-1}`, and the last factor of a product."""
    last = node[-1] if node[0] == "*" else node
    return last[0] == "sym" or bool(symbols_of(last))


def product_of(node: Node, sign: str | None, factor: Node) -> Node:
    r"""Return a product; that of two vectors, `q\vec v \times \vec B`, is another than `\vec v \cdot \vec B`."""
    before, last = ((node[1],), node[2]) if node[0] == "*" else ((), node)
    if sign != r"\times" or not is_vector(last) or not is_vector(factor):
        return ("*", node, factor)
    cross: Node = ("fn", "cross", last, factor)
    return ("*", *before, cross) if before else cross


def is_vector(node: Node) -> bool:
    return node[0] == "sym" and node[1].startswith(("vec ", "hat "))
