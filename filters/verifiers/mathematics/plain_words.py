"""Reads letters without any sign: names, numbers in words, and products such as `ab`."""

import re
from fractions import Fraction

from filters.verifiers.mathematics import word_lists
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.nodes import NotAnExpression
from filters.verifiers.mathematics.number_words import FRACTION_WORDS, NUMBER_WORDS
from filters.verifiers.mathematics.shapes import Shape, Value, Words, number
from filters.verifiers.mathematics.units import SHORT_NOUNS
from filters.verifiers.mathematics.vocabulary import CONSTANT_NAMES, FUNCTION_NAMES, GREEK

# "no real root"
LETTERS = re.compile(r"[A-Za-z][A-Za-z '’.-]*")
# "negative infinity"
INFINITY = re.compile(r"(?i)(positive |negative |minus )?infinity")
# "minus five"
SIGNED = re.compile(r"(?i)(?:negative|minus) ([a-z -]{1,40})")
NO_PRODUCTS = word_lists.words("no on to so at as am an or in is it yes odd all any")
# "gh", "mgL", but not "kW"
JOINED = re.compile(r"(?![munpkdch][VANJWTMCFHSLB]$)(?:[b-df-hj-np-tv-xz]{2,3}|[a-z]{1,2}[A-Z])")
# "\rho", "2\pi", "\mu_0"
LAST_COMMAND = re.compile(r"\\([A-Za-z]+)(?:_(?:\w|\{\w{1,20}\}))?\s?$")
# "R^2", "2c", but not "2"
SYMBOL = re.compile(r"(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])")
# "gh", "mg L", "fL^2"
FEW_LETTERS = re.compile(r"[A-Za-z]{2,3}(?: [A-Za-z]){0,3}(?:\^\{?[23]\}?)?")
# "left 3 up 2"
PHRASE = re.compile(r"(?:[A-Za-z]+|\d+)(?: (?:[A-Za-z]+|\d+))+")
# "5 ft 3"
BETWEEN_NUMBERS = re.compile(r"(?<=\d )([A-Za-z]{2,})(?= \d)")
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


def is_phrase(text: str) -> bool:
    """Return True for words beside numbers, which are no product of their letters: `left 3 up 2` is not `left 2 up 3`,
    nothing in `node 0 to node 3` is zero, and `5 ft 3 in` is not `3 ft 5 in`. `May 3` is `3 May`."""
    if " " not in text or not PHRASE.fullmatch(text):
        return False
    parts = text.split()
    if len(parts) == 2 and "0" not in parts:
        return False
    words = [part for part in parts if part.isalpha()]
    return any(not is_symbolic(word) or word in NO_PRODUCTS for word in words) or any(
        word not in FUNCTION_NAMES and word not in CONSTANT_NAMES for word in BETWEEN_NUMBERS.findall(text)
    )


def are_factors(before: str, words: str, unit: str) -> bool:
    r"""Return True if a few letters behind an expression are more of its factors, and nothing that it counts: LaTeX
    needs the space of `\rho gh` and `2\pi fL`, and neither `gt^2` nor what stands behind a symbol is a noun."""
    if not FEW_LETTERS.fullmatch(words):
        return False
    found = LAST_COMMAND.search(before)
    name = found.group(1) if found else ""
    if name in GREEK and name != "mu":
        return not unit or len(words) == 2  # `\theta rad`
    if unit or words in SHORT_NOUNS or words in NO_PRODUCTS:
        return name == "mu" and words.startswith("mg")
    return name in ("mu", "pi") or "^" in words or SYMBOL.search(before) is not None


def is_symbolic(word: str) -> bool:
    """Return True if a word is a function, a product of variables, or a function joined to one letter."""
    return bool(
        word in FUNCTION_NAMES
        or word in CONSTANT_NAMES
        or len(word) == 1
        or (len(word) <= 3 and (set(word) <= VARIABLES or JOINED.fullmatch(word)) and word not in SHORT_NOUNS)
        or any(word.startswith(name) and len(word) - len(name) == 1 for name in APPLIED)
    )


def words_of(words: str) -> Words:
    """Return a name, of a Greek letter too. Up to three letters may also be a product, unless they are capitals: SAS is
    not SSA."""
    if words in GREEK and words not in CONSTANT_NAMES:
        return Words(words, ("sym", words))
    try:
        return Words(words, parse_expression(words)) if len(words) <= 3 and words not in NO_PRODUCTS else Words(words)
    except NotAnExpression:
        return Words(words)
