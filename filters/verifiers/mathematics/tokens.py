"""A mathematical expression, LaTeX or plain, as the tokens its parser reads: numbers, signs, commands, names."""

import re

TOKEN = re.compile(
    r"\s*(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\\[A-Za-z]+|\\.|\*\*|[A-Za-z]+|.)", re.DOTALL
)
FUNCTIONS = {
    "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "arccot", "asin", "acos", "atan", "sinh", "cosh",
    "tanh", "ln", "log", "lg", "exp", "sqrt", "abs", "floor", "ceil", "gcd", "lcm", "max", "min", "arg", "Re", "Im", "cbrt",
}  # fmt: skip
CONSTANTS = {
    "pi": "pi", "Pi": "pi", "e": "e", "i": "i", "infty": "infty", "infinity": "infty", "inf": "infty", "oo": "infty", "Infinity": "infty",
}  # fmt: skip


class NotAnExpression(ValueError):
    """The text is no expression of this grammar."""


def tokens_of(text: str) -> list[str]:
    found: list[str] = []
    for token in TOKEN.findall(text.strip()):
        if token.isalpha() and token not in FUNCTIONS and token not in CONSTANTS and len(token) > 1:
            found += split_word(token)
        else:
            found.append("^" if token == "**" else token)
    return found


def split_word(word: str) -> list[str]:
    """`xy` is a product, `sinx` a function of x, `apples` no expression."""
    for name in sorted(FUNCTIONS | {"pi"}, key=len, reverse=True):
        if word.startswith(name) and len(word) - len(name) <= 2:
            return [name, *word[len(name) :]]
    if len(word) > 4:
        raise NotAnExpression(f"a word: {word}")
    return list(word)
