"""Reads the value with which a text ends: a last line of its own, which counts, and, for measuring only, the last value
of the last sentence."""

import re

from filters.verifiers.extraction.closing_words import without_courtesies
from filters.verifiers.extraction.statement import NOISE, QUANTITY, masked, unmasked

LONGEST, LONGEST_LINE = 2000, 200
# "**"
EMPHASIS = re.compile(r"^[*_`\s]{0,6}|[*_`\s]{0,6}$")
# "12 apples"
COUNT = re.compile(
    r"(?:\\?[$€£¥₹]\s?)?[-+−]?\d[\d,.]{0,30}(?:\s?/\s?\d{1,9})?\s?(?:\\?%|°)?(?:\s[a-z]{1,20}(?:\s[a-z]{1,20})?)?"
)
# The mark of a formula, as `masked` leaves it.
FORMULA = re.compile(r"\x00\d+\x00[.。]?")
# "3x + 4 = 5"
EXPRESSION = re.compile(r"[-+\w\s()^*/=.,{}\\\[\]]{1,80}")
WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
# "we find"
PROSE = re.compile(r"(?<![\\\w])[^\W\d_]{2,}\s(?:[^\n]{0,80}\s)?[^\W\d_]{2,}")
# "1. 5"
ITEM = re.compile(r"\s{0,8}(?:[-•*|]\s|\d{1,2}[.)]\s|step\b|>)", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?。！？])\s|\n")


def last_line(text: str) -> str:
    lines = [line for line in NOISE.sub(" ", without_courtesies(text)[-LONGEST:]).splitlines() if line.strip(" *_`$")]
    return lines[-1] if lines else ""


def lone_last_line(text: str) -> str | None:
    """Return the last line if nothing but a value stands on it; None for a single line, an item of a list, and one
    that asks."""
    line = last_line(text)
    if not line or len(line) > LONGEST_LINE or ITEM.match(line) or len(text.strip().splitlines()) < 2:
        return None
    marked, formulas = masked(EMPHASIS.sub("", line))
    if FORMULA.fullmatch(marked) or COUNT.fullmatch(marked.rstrip(".。")):
        return unmasked(marked.rstrip(".。"), formulas)
    is_formula = EXPRESSION.fullmatch(marked) and re.search(r"\d", marked) and not WORDS.search(marked)
    return marked if is_formula else None


def line_below_prose(text: str) -> str | None:
    """Return the last line if nothing but a value stands on it and a sentence of prose right above."""
    above = text.rstrip().rpartition("\n")[0].rstrip()
    if not above.endswith((".", ":", "!", "。", "：", "।")):
        return None
    return lone_last_line(text) if PROSE.search(above[-LONGEST_LINE:]) else None


def last_value(text: str) -> str | None:
    """Return the last quantity or formula of the last sentence that holds one; None without any."""
    marked, formulas = masked(NOISE.sub(" ", without_courtesies(text)[-LONGEST:]).strip())
    for sentence in reversed(SENTENCE.split(marked)):
        found = [match.group() for match in QUANTITY.finditer(sentence)]
        if found:
            return unmasked(found[-1], formulas)
    return None
