"""Reads an answer that a text does not announce, to measure models that were never taught to announce one.

Never use it to accept a trace: a number at the end of a text need not be its answer.
"""

import re

from filters.verifiers.extraction.final_answer import final_answer
from filters.verifiers.extraction.last_value import last_line, last_value
from filters.verifiers.extraction.statement import QUANTITY, masked, statement

LAST_LINE, LAST_VALUE, NO_READING = "last_line", "last_value", "none"
"""By which rule an answer was read where the strict policy finds none."""
# A line that begins with `Question:`.
NEXT_PROBLEM = re.compile(
    r"\n\s{0,9}(?:#{1,4}\s{0,2})?(?:question|problem|exercise|human|user|instruction|q)\s{0,2}\d{0,4}\s{0,2}:",
    re.IGNORECASE,
)
"""Where a base model goes on with a problem of its own."""
# "It is 7 or 5", "not 5"
UNCOMMITTED = re.compile(
    r"(?i)[?？]|(?<!\w)(?:or|either|neither|maybe|perhaps|possibly|wrong|incorrect|mistake|wait|unless|anything but|except"
    r"|at (?:least|most)|cannot|can't|isn't|aren't|wasn't|(?:is|are|was|were|be) not|not \S{0,2}[a-j])(?!\w)|(?<!\w)not \S{0,2}\d|不|或|可能|如果"
)
# "It is not 10, it is "
CONTRAST = re.compile(r"(?i)\bnot\s\S{1,15}[,;]?\s(?:which is|it's|it is|but(?:\srather)?|rather)\s")
"""Denies another value than the one that follows."""
LONGEST_LINE = 100
LONGEST_MARGIN, FEWEST_WORDS = 12, 2
"""Characters of decoration around a whole text, and its words from which on it is a sentence."""
WORDS = re.compile(r"(?<![\\\w])[^\W\d_]{2,}")
# "(B)", "B."
LETTER = re.compile(r"(?<![\w'’\\])\(?([B-HJ]|A(?=[).:,]|\s{0,3}$))\)?(?![\w'’])")


def is_unread(text: str) -> bool:
    """Return True if the strict policy takes a text as a whole for the answer though it is a sentence about one: words,
    and a value among them."""
    whole = final_answer(text)
    if not whole or whole not in text or len(text.strip()) - len(whole) > LONGEST_MARGIN:
        return False
    marked, _ = masked(whole)
    return len(WORDS.findall(marked)) >= FEWEST_WORDS and len(QUANTITY.findall(marked)) >= 1


def lenient_answer(text: str, is_choice: bool = False) -> tuple[str, str | None]:
    """Return (rule, answer) of a text in which the strict policy finds nothing: its last line, else the last value,
    or the last letter, of its last sentence. A hedge, a denial and a question give nothing."""
    start = NEXT_PROBLEM.search(text)
    reply = text[: start.start()] if start else text
    line = CONTRAST.sub("is ", last_line(reply))
    if not line or UNCOMMITTED.search(line):
        return NO_READING, None
    if is_choice:
        letters = LETTER.findall(line)
        return (LAST_LINE, letters[-1]) if letters else (NO_READING, None)
    is_single = len(line) <= LONGEST_LINE and len(QUANTITY.findall(masked(line)[0])) == 1
    whole = statement(line) if is_single else None
    if whole and len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\\[A-Za-z]+", " ", whole))) <= 2:
        return LAST_LINE, whole
    value = last_value(line)
    return (LAST_VALUE, value) if value else (NO_READING, None)
