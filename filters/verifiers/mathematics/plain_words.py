"""Reads letters without any sign: names, numbers in words, and products such as `ab`."""

import re
from fractions import Fraction

from filters.verifiers.mathematics import word_lists
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.nodes import NotAnExpression
from filters.verifiers.mathematics.number_words import FRACTION_WORDS, NUMBER_WORDS
from filters.verifiers.mathematics.shapes import Shape, Value, Words, number
from filters.verifiers.mathematics.units import SHORT_NOUNS
from filters.verifiers.mathematics.vocabulary import FUNCTION_NAMES

# "no real root"
LETTERS = re.compile(r"[A-Za-z][A-Za-z '’.-]*")
# "negative infinity"
INFINITY = re.compile(r"(?i)(positive |negative |minus )?infinity")
# "minus five"
SIGNED = re.compile(r"(?i)(?:negative|minus) ([a-z -]{1,40})")
NO_PRODUCTS = word_lists.words("no on to so at as am an or in is it yes odd all any")
VARIABLES = set("abcdhklmnpqrstuvwxyz")
APPLIED = ("sin", "cos", "tan", "ln", "log")


def words_alone(words: str) -> Shape | None:
    """Return the number, infinity or name that letters alone stand for; None if they are a formula or not letters."""
    if not LETTERS.fullmatch(words) or (len(words) == 1 and words not in "Nn") or (" " in words and is_formula(words)):
        return None
    if infinite := INFINITY.fullmatch(words):
        is_negative = infinite.group(1) in ("negative ", "minus ")
        return Value(("neg", ("sym", "infty")) if is_negative else ("sym", "infty"))
    value = NUMBER_WORDS.get(words.casefold().strip("."))
    if value is not None:
        return number(value)
    if (signed := SIGNED.fullmatch(words)) and (value := NUMBER_WORDS.get(signed.group(1).casefold())) is not None:
        return number(-value)
    if words.casefold() in FRACTION_WORDS:
        return number(Fraction(*FRACTION_WORDS[words.casefold()]))
    return words_of(words)


def is_formula(words: str) -> bool:
    """Return True if letters are symbols and functions: `ab`, `x ln x` and `rh`, but not `men`, `cm` or `no`."""
    parts = re.findall(r"[A-Za-z]+", words)
    return len("".join(parts)) > 1 and all(map(is_symbolic, parts))


def is_symbolic(word: str) -> bool:
    """Return True if a word is a function, a product of variables, or a function joined to one letter."""
    return (
        word in FUNCTION_NAMES
        or len(word) == 1
        or (len(word) <= 3 and set(word) <= VARIABLES and word not in SHORT_NOUNS)
        or any(word.startswith(name) and len(word) - len(name) == 1 for name in APPLIED)
    )


def words_of(words: str) -> Words:
    """Return a name. Up to three letters may also be a product, unless they are capitals: SAS is not SSA."""
    try:
        return Words(words, parse_expression(words)) if len(words) <= 3 and words not in NO_PRODUCTS else Words(words)
    except NotAnExpression:
        return Words(words)
