r"""Rewrites several notations of one thing as one: fractions, binomials, derivatives, units over units."""

import re

from filters.verifiers.mathematics.brackets import CLOSE, OPEN, pieces_of

# "\frac{\text{m}}{\text{s}^2}"
UNIT_FRACTION = re.compile(r"\\frac\s?\{\s?\\text\{([^{}]*)\}\s?\}\s?\{\s?\\text\{([^{}]*)\}(\^\{?\d\}?)?\s?\}")
# "\frac{d^2y}{dx^2}"
DERIVATIVE = re.compile(r"\\frac\s?\{d(?:\^\{?(\d)\}?)?\s?([a-zA-Z])\}\s?\{d\s?[a-z](?:\^\{?\d\}?)?\}")
OLD_FRACTIONS = {r"\over": r"\frac", r"\choose": r"\binom"}
MOST_OLD = 20
BOUNDS = {"=", ",", ";", "&", r"\cr", "<", ">", r"\le", r"\ge"}
r"""Between these TeX's `\over` stands for the fraction of all before it and all behind it, if no bracket is nearer."""
# "x^"
TAKES_GROUP = re.compile(r"[A-Za-z}\]^_]\s?$")
"""Before a group whose braces must stay."""
# "C(5, 2)"
CHOOSE_CALL = re.compile(r"(?<![\w\\])C\s?\(\s?(\w+)\s?,\s?(\w+)\s?\)")
# "_5C_2"
CHOOSE_SIDES = re.compile(r"(?:\{\})?[_^]\{?(\d+)\}?\s?C_\{?(\d+)\}?")
# "C_5^2"
CHOOSE_BELOW = re.compile(r"(?<![\w\\])C_\{?(\d+)\}?\^\{?(\d+)\}?")
# "f^{\prime\prime}"
PRIMES = re.compile(r"\^\s?(?:\{\s?((?:\\prime\s?)+)\}|(\\prime))")
# "\triangle{ABC}"
BRACED_NAME = re.compile(r"\\(triangle|angle)\s?\{(\w+)\}")
# "\mathbb R"
BARE_SET = re.compile(r"\\mathbb\s?([A-Z])")
AN_INTEGER = (
    r"(?:(?:\\text\{\s?(?:where|for|with)\s?\}|\\forall)?\s?[kmn]\s?\\in\s{0,2}(?:\\mathbb\{Z\}|\\text\{Z\}|Z)"
    r"|\\text\{\s?(?:where|for)(?: any| all| some)? integers?\s?\}\s?[kmn])\s?"
)
# "2k\pi, k \in \mathbb{Z}", "k\pi \text{ for any integer } k"
ANY_INTEGER = re.compile(rf"(?<=\S)\s?[,;]?\s?(?:{AN_INTEGER}|\(\s?{AN_INTEGER}\))(?=(?:\\\}})?[\s.]{{0,3}}$)")
r"""Behind `2k\pi` it says nothing new: no other `k`, `m` or `n` is meant where none is named."""

# "n \in \mathbb{Z}", "n ∈ ℤ"
INTEGER = re.compile(r"(?<![A-Za-z\\])([kmn])\s?(?:\\in(?![a-z])|∈)[^,;=]{0,12}[Zℤ]")


def integer_renamed(text: str, own: str, other: str) -> str:
    r"""Return a text with the letter that `other` has for any integer: `n\pi, n \in \mathbb{Z}` is `k\pi, k \in
    \mathbb{Z}`. `own` is the text as it was written; the letter stays if the other one is in the text already."""
    if "Z" not in other and "ℤ" not in other:
        return text
    found, wanted = INTEGER.search(own), INTEGER.search(other)
    if not found or not wanted or letter(wanted.group(1)).search(text):
        return text
    return letter(found.group(1)).sub(wanted.group(1), text)


def letter(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z\\]){name}(?![A-Za-z])")


def rewritten(text: str) -> str:
    """Rewrite fractions, binomials, derivatives and units over units in one notation each."""
    if "over" in text or "choose" in text:
        text = without_old_fractions(text)
    if r"\frac" in text:
        text = UNIT_FRACTION.sub(r"\\text{\1/\2}\3", text)
        text = DERIVATIVE.sub(lambda m: m.group(2) + "'" * int(m.group(1) or 1), text)
    if "C" in text:
        text = CHOOSE_SIDES.sub(r"\\binom{\1}{\2}", CHOOSE_CALL.sub(r"\\binom{\1}{\2}", text))
        text = CHOOSE_BELOW.sub(lambda m: binomial(m.group(1), m.group(2)), text)
    text = PRIMES.sub(lambda m: "'" * m.group().count("prime"), text)
    text = BRACED_NAME.sub(r"\\\1 \2", text)
    text = BARE_SET.sub(r"\\mathbb{\1}", text)
    return ANY_INTEGER.sub("", text) if "Z" in text or "integer" in text else text


def without_old_fractions(text: str) -> str:
    r"""Write `{a \over b}` as `\frac{a}{b}`, and `\choose` likewise. Two in one group mean nothing and stay."""
    for _ in range(MOST_OLD):
        pieces = pieces_of(text)
        at = next((at for at, (piece, *_) in enumerate(pieces) if piece in OLD_FRACTIONS), None)
        if at is None:
            return text
        name, _, depth = pieces[at]
        first, last = at, at
        while first > 0 and not is_bound(pieces[first - 1], depth):
            first -= 1
        while last + 1 < len(pieces) and not is_bound(pieces[last + 1], depth):
            last += 1
        if any(piece in OLD_FRACTIONS and level == depth for piece, _, level in pieces[at + 1 : last + 1]):
            return text
        above, below = ("".join(piece for piece, *_ in part) for part in (pieces[first:at], pieces[at + 1 : last + 1]))
        before = text[: pieces[first][1]]
        after = "".join(piece for piece, *_ in pieces[last + 1 :])
        is_braced = before.endswith("{") and not before.endswith(r"\{") and after.startswith("}")
        if is_braced and not TAKES_GROUP.search(before[:-1]):
            before, after = before[:-1], after[1:]
        text = rf"{before}{OLD_FRACTIONS[name]}{{{above}}}{{{below}}}{after}"
    return text


def is_bound(piece: tuple[str, int, int], depth: int) -> bool:
    """Return True for what ends a group of this depth, or a part of it."""
    text, _, level = piece
    is_bracket = text in OPEN | CLOSE or text.startswith((r"\begin", r"\end"))
    return level < depth if is_bracket else level == depth and text in BOUNDS


def binomial(one: str, other: str) -> str:
    """Return the binomial of two numbers. `C_5^2` and `C_2^5` are both in use, so the greater number goes on top."""
    return rf"\binom{{{max(int(one), int(other))}}}{{{min(int(one), int(other))}}}"
