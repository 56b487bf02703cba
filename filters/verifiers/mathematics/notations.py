r"""Several notations of one thing brought to one: fractions, binomials, derivatives, units over units."""

import re

UNIT_FRACTION = re.compile(r"\\frac\s?\{\s?\\text\{([^{}]*)\}\s?\}\s?\{\s?\\text\{([^{}]*)\}(\^\{?\d\}?)?\s?\}")
DERIVATIVE = re.compile(r"\\frac\s?\{d(?:\^\{?(\d)\}?)?\s?([a-zA-Z])\}\s?\{d\s?[a-z](?:\^\{?\d\}?)?\}")
OLD_FRACTION = re.compile(r"\{([^{}]*)\\(over|choose)(?![a-z])([^{}]*)\}")
CHOOSE_CALL = re.compile(r"(?<![\w\\])C\s?\(\s?(\w+)\s?,\s?(\w+)\s?\)")
CHOOSE_SIDES = re.compile(r"(?:\{\})?[_^]\{?(\d+)\}?\s?C_\{?(\d+)\}?")
CHOOSE_BELOW = re.compile(r"(?<![\w\\])C_\{?(\d+)\}?\^\{?(\d+)\}?")
PRIMES = re.compile(r"\^\s?(?:\{\s?((?:\\prime\s?)+)\}|(\\prime))")
BRACED_NAME = re.compile(r"\\(triangle|angle)\s?\{(\w+)\}")
BARE_SET = re.compile(r"\\mathbb\s?([A-Z])")


def rewritten(text: str) -> str:
    """Several notations of one thing: fractions, binomials, derivatives, units over units."""
    if "over" in text or "choose" in text:
        text = OLD_FRACTION.sub(
            lambda m: rf"\{'frac' if m.group(2) == 'over' else 'binom'}{{{m.group(1)}}}{{{m.group(3)}}}", text
        )
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
    """`C_5^2` and `C_2^5` are both written; the greater is on top."""
    return rf"\binom{{{max(int(one), int(other))}}}{{{min(int(one), int(other))}}}"
