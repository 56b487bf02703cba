"""Says why an equation that does not hold may still not be a false step: it was not claimed, or means something else.

A false equation under doubt is undecided. What is true needs no context.
"""

import re
from fractions import Fraction

from filters.scorers.arithmetic.amounts import Amount, amount_of
from filters.scorers.arithmetic.operands import Operand
from filters.scorers.arithmetic.word_lists import KINDS, LABELS, SIGN_WORDS, SINGULAR

# "10.000"
POINTED = re.compile(r"(?<![\d.])(\d{1,3})\.(?=\d{3}(?![\d.]))")
MARKED = {"cent", "cents", "$", "percent", "percentage"}
WORD_END, WORD_START = re.compile(r"^[A-Za-z]{0,40}+.", re.DOTALL), re.compile(r"[A-Za-z]{0,40}$")
# "100 + 20 %", but not "100 % - 20 %"
PERCENT_ADDED = re.compile(r"[\d)}] [-+] [\d. ]{1,20} %")
BEFORE_CHARACTERS, AFTER_CHARACTERS = 160, 80
# Whoever says so before an equation does not claim it.
SUPPOSED = re.compile(
    r"\b(?:if|suppos\w{0,4}|assum\w{0,4}|let(?!'s|’s| us)|let's say|would|were|might|maybe|perhaps|whether|imagine|try"
    r"|trying|tried|test\w{0,3}|guess\w{0,3}|want|wanted|target|not|never|cannot|can't|isn't|doesn't|no|wrong|incorrect"
    r"|false|mistake\w{0,2}|error|instead|contradict\w{0,5}|impossible|unless|rather|should|wait|hmm|check"
    r"|satisf\w{0,4})\b|若|假设|如果|不|≠|\?",
    re.IGNORECASE,
)
# Whoever says so behind an equation takes it back, or tells what it means.
DENIED = re.compile(
    r"\b(?:not|no|isn't|doesn't|wrong|incorrect|false|contradict\w{0,5}|impossible|invalid|wait|hmm|oops|mistake\w{0,2}"
    r"|error|too|rounded|rounding|round|nope|never|unequal|differ\w{0,3}|carry|approximately|instead|but)\b|≠|✗|✘|❌|\?|不|错|约",
    re.IGNORECASE,
)
# Whoever says so behind a quotient gives its whole part: "17 / 5 = 3, remainder 2". Behind a difference it is what is
# left: "he has 20 - 5 = 16 apples remaining".
WHOLE_PART = re.compile(r"\b(?:remainder|remaining|left over|rem)\b|余", re.IGNORECASE)
QUOTIENT = re.compile(r"[/÷]|\\d?frac|\bmod|divided")
# "If Dora is 15, then 8 + 2 * 15 = 41", "If it rains, the sum is 3 + 4 = 8": what follows is claimed
CONSEQUENT = re.compile(r"\bthen\b|, (?=[A-Za-z]{2})", re.IGNORECASE)
# Whatever is reckoned differently in the whole text: other bases, remainders, clocks, operations of the text's own.
OTHER_ARITHMETIC = re.compile(
    r"\bbase[- ]?(?:\d|two|three|four|five|six|seven|eight|nine|b\b|n\b)|\b(?:mod|modulo|modular|congruen\w{1,4}|octal"
    r"|binary|hexadecimal|xor|clock|o'clock|cryptarithm\w{0,2})\b|≡|\\equiv|\\p?mod|\\oplus|⊕|[\d)]_\{?\d"
    r"|defin\w{0,4} (?:the |a |an |this )?operat",
    re.IGNORECASE,
)


def doubts_text(text: str) -> bool:
    """Say whether a text reckons in another way than with plain numbers."""
    return OTHER_ARITHMETIC.search(text) is not None


def doubts_context(step: str, start: int, end: int, following: str) -> bool:
    """Say whether the words around `step[start:end]`, in its step and at the beginning of the next, unsay it."""
    before = words_before(step, start)
    after = words_behind(f"{step[end:]} {following}")
    return (
        is_supposed(before)
        or DENIED.search(after) is not None
        or (WHOLE_PART.search(after) is not None and QUOTIENT.search(step[start:end]) is not None)
    )


def words_before(step: str, start: int) -> str:
    """Return the whole words before an equation, as far as they matter: the end of `knot` denies nothing."""
    first = start - BEFORE_CHARACTERS
    return step[:start] if first <= 0 else WORD_END.sub("", step[first - 1 : start])


def words_behind(text: str) -> str:
    """Return the whole words behind an equation, as far as they matter."""
    return text if len(text) <= AFTER_CHARACTERS else WORD_START.sub("", text[: AFTER_CHARACTERS + 1])


def is_supposed(before: str) -> bool:
    """Say whether the words before an equation suppose, deny or ask it. What follows from an `if` is claimed."""
    return any(
        match[0].lower() != "if" or not CONSEQUENT.search(before, match.end()) for match in SUPPOSED.finditer(before)
    )


def doubts_meaning(left: Operand, right: Operand, first: Amount, second: Amount) -> bool:
    """Say whether two operands may be meant as something else than plain numbers of one unit."""
    if left.before in LABELS:
        return True
    if first.is_literal and (left.before or left.text.startswith(("(", "["))):
        return True
    nouns = left.nouns | right.nouns
    if left.ambiguous or right.ambiguous or any(len(noun) == 1 and noun.isascii() and noun != "$" for noun in nouns):
        return True  # `2 m`, where m may be a variable
    if "degrees" in nouns and "pi" in left.text + right.text:
        return True
    return (
        mixes_units(nouns)
        or counts_other_things(left, right)
        or is_percentage(left, right, first, second)
        or is_whole_part(left, right, first, second)
        or is_ambiguous(left, first, second)
        or is_ambiguous(right, second, first)
        or is_thousands(left, right)
        or flips_sign(right, first.value, second.value)
        or runs_on(first, right)
    )


def mixes_units(nouns: set[str]) -> bool:
    singular = {SINGULAR.get(noun, noun[:-1] if len(noun) > 2 and noun.endswith("s") else noun) for noun in nouns}
    return any(len(singular & kind) > 1 for kind in KINDS)


def counts_other_things(left: Operand, right: Operand) -> bool:
    """Say whether a sum of things is said to be things of another kind: `3 pencils + 1 eraser = 124 cents`."""
    return ("+" in left.text or "- " in left.text) and bool(left.nouns and right.nouns) and not left.nouns & right.nouns


def is_percentage(left: Operand, right: Operand, first: Amount, second: Amount) -> bool:
    """Say whether percent or cents explain the difference: `5 / 20 * 100 = 25%`, `100 + 20% = 120`."""
    if not ("%" in left.text + right.text or (left.nouns | right.nouns) & MARKED):
        return False
    shown = max([one.rounding() for one in (first, second) if one.is_literal], default=Fraction(0))
    return (
        abs(first.value - 100 * second.value) <= 100 * shown
        or abs(second.value - 100 * first.value) <= 100 * shown
        or any(PERCENT_ADDED.search(one.text) for one in (left, right))
    )


def is_whole_part(left: Operand, right: Operand, first: Amount, second: Amount) -> bool:
    """Say whether a quotient was rounded to a whole number: `25 / 2 = 12`."""
    for operand, amount, other in ((left, first, second), (right, second, first)):
        is_quotient = "/" in operand.text or "frac" in operand.text or "sqrt" in operand.text
        if is_quotient and other.is_literal and not other.decimals and abs(amount.value - other.value) < 1:
            return True
    return False


def is_thousands(left: Operand, right: Operand) -> bool:
    """Say whether points part thousands, as in much of Europe: `10.000 - 1 = 9.999`."""
    texts = [POINTED.sub(r"\1", operand.text) for operand in (left, right)]
    if texts == [left.text, right.text]:
        return False
    first, second = (amount_of(Operand(text)) for text in texts)
    return first is not None and second is not None and first.value == second.value


def flips_sign(right: Operand, first: Fraction, second: Fraction) -> bool:
    """Say whether words stand for the sign: `1800 - 2000 = 200 less`."""
    return first == -second and bool(right.nouns & SIGN_WORDS)


def is_ambiguous(operand: Operand, amount: Amount, other: Amount) -> bool:
    """Say whether an operand can be read in another way: `6 / 2 (3)`, `3 1/2`, `8!`, `-2^2`."""
    text = operand.text
    if re.search(r"/ (?:[\d.]{1,20}|\([^()]{1,60}\)) [(\d\\]", text) or re.search(r"[\d}] \\frac|\d \d", text):
        return True
    if text.endswith("!") and (plain := amount_of(Operand(text[:-1]))) and plain.value == other.value:
        return True
    return re.search(r"(?:^|[(*/=] )- [\d.]{1,20} \^", text) is not None and abs(amount.value) == abs(other.value)


def runs_on(first: Amount, right: Operand) -> bool:
    """Say whether the sign of equality only joins calculations: `5 + 3 = 8 * 2 = 16`."""
    parts = right.text.split(" ")
    for end in range(1, min(len(parts), 6)):
        beginning = amount_of(Operand(" ".join(parts[:end])))
        if (
            beginning
            and beginning.is_literal
            and abs(beginning.value - first.value) <= beginning.rounding() * bool(beginning.decimals)
        ):
            return parts[end] in ("+", "-", "*", "/", "^", "(")
    return False
