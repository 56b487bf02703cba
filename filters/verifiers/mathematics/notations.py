r"""Rewrites several notations of one thing as one: fractions, binomials, derivatives, units over units."""

import re

# "\frac{\text{m}}{\text{s}^2}"
UNIT_FRACTION = re.compile(r"\\frac\s?\{\s?\\text\{([^{}]*)\}\s?\}\s?\{\s?\\text\{([^{}]*)\}(\^\{?\d\}?)?\s?\}")
# "\frac{d^2y}{dx^2}"
DERIVATIVE = re.compile(r"\\frac\s?\{d(?:\^\{?(\d)\}?)?\s?([a-zA-Z])\}\s?\{d\s?[a-z](?:\^\{?\d\}?)?\}")
# "{n \choose k}"
OLD_FRACTION = re.compile(r"\{([^{}]*)\\(over|choose)(?![a-z])([^{}]*)\}")
# "1 \over 2", the whole text
WHOLE_FRACTION = re.compile(r"([^{}=,]+)\\over(?![a-z])([^{}=,]+)")
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


def rewritten(text: str) -> str:
    """Rewrite fractions, binomials, derivatives and units over units in one notation each."""
    if "over" in text or "choose" in text:
        text = OLD_FRACTION.sub(
            lambda m: rf"\{'frac' if m.group(2) == 'over' else 'binom'}{{{m.group(1)}}}{{{m.group(3)}}}", text
        )
        if whole := WHOLE_FRACTION.fullmatch(text):
            text = rf"\frac{{{whole.group(1)}}}{{{whole.group(2)}}}"
    if r"\frac" in text:
        text = UNIT_FRACTION.sub(r"\\text{\1/\2}\3", text)
        text = DERIVATIVE.sub(lambda m: m.group(2) + "'" * int(m.group(1) or 1), text)
    if "C" in text:
        text = CHOOSE_SIDES.sub(r"\\binom{\1}{\2}", CHOOSE_CALL.sub(r"\\binom{\1}{\2}", text))
        text = CHOOSE_BELOW.sub(lambda m: binomial(m.group(1), m.group(2)), text)
    text = PRIMES.sub(lambda m: "'" * m.group().count("prime"), text)
    text = BRACED_NAME.sub(r"\\\1 \2", text)
    return BARE_SET.sub(r"\\mathbb{\1}", text)


def binomial(one: str, other: str) -> str:
    """Return the binomial of two numbers. `C_5^2` and `C_2^5` are both in use, so the greater number goes on top."""
    return rf"\binom{{{max(int(one), int(other))}}}{{{min(int(one), int(other))}}}"
