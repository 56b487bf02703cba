"""Reads the value at the end of a last sentence that concludes."""

import re

from filters.verifiers.extraction.foreign_conclusion import foreign_conclusion, is_doubted
from filters.verifiers.extraction.statement import LONGEST, NOISE, QUANTITY, VALUE, masked, statement, unmasked

# "x is 5. So y"
SENTENCE_END = re.compile(
    r"(?<=[.!?。])\s+|\n\s*\n|\n(?=[A-Z*#>-])|(?<=[。！])|(?<=\x00)\s(?=(?:So|Thus|Hence|Therefore|Finally),?\s)"
)
# "Therefore, "
CONCLUSION = re.compile(
    r"(?i)(?:so|thus|hence|therefore|consequently|finally|in conclusion|in total|altogether|as a result|we (?:conclude|find|see|get|have)(?: that)?|it follows that"
    r"|por (?:lo )?tanto|portanto|donc|also|daher|somit|folglich|quindi|следовательно|итак|dus|因此|所以|故|综上|따라서|したがって|よって)[,:，]?\s*"
)
# "is equal to "
TELLS = re.compile(
    r"(?:\b(?:is|are|equals|be|get|obtain|have|find|gives?|es|est|ist|são|è|has|had|gets|earn(?:s|ed)|makes?|made|spen(?:ds|t)"
    r"|sav(?:es|ed)|pa(?:ys|id)|costs?|takes?|took|needs|s(?:ells|old)|ate|contains?|weighs?|receive[sd]|totals|collected"
    r"|(?:increas|decreas|ris|fall|grow|drop)\w{1,3} (?:by|to)|(?:amounts|comes) to)\b|=|是|为|為)\s*:?\s*(?:exactly |equal to |just |only )?"
)
# "there are exactly 12 ways of which"
THERE = re.compile(
    r"(?:^|[,;]\s|that\s)there (?:are|is|were|will be)\s(?:exactly |only |a total of |in total )?(?=[\d\x00])"
)
# "x = 1 and y = 2"
SEVERAL = re.compile(r"=[^=]*(?:,|;|\band\b)[^=]*=")
# "perhaps"
DOUBT = re.compile(
    r"(?i)\?|\b(?:if|given(?! (?:conditions?|constraints?|information))|must|need|let|where|assume|maybe|perhaps|might|may|could|not|either|or|guess"
    r"|suppose|would|probably|unless|wait|(?:discard|reject|exclude|eliminate)s?\s[a-z]\s?=|about|approximately|at (?:least|most)|more than|less than)\b|n't|=\s?[^\s,]{1,30}\s(?:fails|is (?:extraneous|impossible|rejected|excluded))"
)
# ", not 7."
CONTRAST = re.compile(r",\s(?:and\s)?not\s[^\s,]{1,15}$")
MOST_WORDS, MOST_WORDS_OF_A_NAME = 6, 3


def concluded_answer(text: str) -> str | None:
    """Return the value that ends the last sentence, if that sentence concludes ("Therefore …", in other languages
    "因此…") or is the text's only one."""
    tail, formulas = masked(NOISE.sub(" ", text[-LONGEST:]).strip())
    sentences = [part for part in SENTENCE_END.split(tail) if part.strip(" *_")]
    if not sentences or (len(text) > LONGEST and len(sentences) == 1):
        return None
    last = CONTRAST.sub("", sentences[-1].strip(" *_\n"))
    if value := foreign_conclusion(last):
        return unmasked(value, formulas)
    connective = None if is_doubted(last) else CONCLUSION.match(last)
    if not (connective or (len(sentences) == 1 and last.startswith("The "))) or DOUBT.search(last):
        return None
    last = last[connective.end() :] if connective else last
    told = list(TELLS.finditer(last))
    if last.count("=") > 1 and SEVERAL.search(last):
        return statement(unmasked(last, formulas))
    if (there := THERE.search(last)) and len(found := QUANTITY.findall(last, there.end())) == 1:
        return unmasked(found[0], formulas)
    content = last[told[-1].end() :].strip() if told else last if connective and last.startswith("\x00") else ""
    if (not VALUE.match(content) and not content.startswith("\x00")) or len(content.split()) > MOST_WORDS:
        return None
    return statement(unmasked(content, formulas))
