"""Finds where a text announces its answer ("the final answer is …", a heading, `#### …`) and what it announces."""

import re
from collections import deque
from collections.abc import Iterator

from filters.verifiers.extraction.answer_phrases import (
    ADVERBS,
    ASCII_NOUN,
    CHOSEN,
    CLAUSE_END,
    COPULA,
    DECIMAL_COMMA,
    ENGLISH,
    FINAL,
    HEADING,
    NEGATION,
    NOT_MINE,
    NOUN,
    PART_OF,
    REVERSED,
    SUPPOSED,
    UNCERTAIN,
    WEAK_NOUN,
)
from filters.verifiers.extraction.retraction import is_retracted
from filters.verifiers.extraction.statement import CJK, DECORATION, NOISE, VALUE, is_remark, statement

# "#### 18"
GSM8K = re.compile(r"^[ \t]{0,8}####(.*)$", re.MULTILINE)
# "**:"
COLON = re.compile(r"[*_\]】)\s]{0,6}(?:\([^()\n]{0,60}\))?[*_\s]{0,4}(?:=>|[:：=→⇒]|[—–-](?=\s)|(?<=】))")
# " final est :"
COLON_AFTER_WORDS = re.compile(r"(?:\s[^\W\d_]{2,14}){0,2}" + COLON.pattern)
# "é"
OTHER_LETTER = re.compile(r"[^\W\d_A-Za-zαβγδεθλμνπρστφψωΔΣΦΩ\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u218f]")
"""A letter that formulas do not use: the text may be in another language."""
# " > 5"
BOUNDED = re.compile(r"[ \t]{0,3}>[ \t]?[\d$\\.(-]")
# "The answer is 7 or the "
HEDGED = re.compile(r"(?i)\bor(?:\s(?:else|maybe|perhaps))?(?:\sthat)?(?:\s(?:the|my|our))?\s$")
UNDECIDED = "either"
"""What an announcement says that is one of two; UNCERTAIN matches it."""
TAIL = 20_000
"""Characters at the end of a text in which announcements are searched."""
MOST_ANNOUNCEMENTS = 20
GAP = 60
"""Characters that may stand between "answer" and "is"."""
# "So, we get "
CONNECTIVE = re.compile(r"(?i)^(?:so|thus|hence|therefore|then|finally)\b[,:]?\s+(?:we (?:get|have)\s+)?")


def announced_answer(text: str) -> str | None:
    """Return what the last announcement says, or None if there is none or it commits to nothing."""
    text = NOISE.sub(" ", text[-TAIL:])
    found = list(announcements(text)) or list(weak_announcements(text))
    place, answer = max(found) if found else (0, "")
    return None if not answer or UNCERTAIN.match(answer) or is_retracted(text[place:]) else answer


def announcements(text: str) -> Iterator[tuple[int, str]]:
    """Yield (position, answer) of every announcement that says something."""
    for match in last(GSM8K, text):
        if match.group(1).strip() and not NOUN.search(match.group(1)):
            yield match.end(), match.group(1).strip()
    for match in last(HEADING, text):
        if answer := statement(text[match.end() :]):
            yield match.end(), answer
    for match in last(REVERSED, text):
        before = text[max(0, match.start() - 100) : match.start()]
        clause = CONNECTIVE.sub("", re.split(r"[.!?:]\s|\n", before)[-1].strip())
        if VALUE.match(clause) or clause.startswith("$") or len(clause.split()) == 1:
            yield match.end(), statement(clause) or clause
    for match in last(CHOSEN, text) if " is " in text else ():
        yield match.end(), match.group(1)
    for match in deque(nouns(text), maxlen=MOST_ANNOUNCEMENTS):
        answer = announced_by(match, text)
        if answer:
            yield match.end(), answer


def nouns(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of NOUN; in a text without letters of other languages the same places, found faster."""
    if not text.isascii():
        if OTHER_LETTER.search(text):
            yield from NOUN.finditer(text)
            return
        text = text.encode("ascii", "replace").decode()
    for match in ASCII_NOUN.finditer(text.lower()):
        before = text[match.start() - 1 : match.start()]
        if not (before.isalnum() or before in ("_", "\\")):
            yield match


def is_announced(text: str) -> bool:
    """Return True if a noun or a mark of an announcement stands anywhere in the text."""
    return "####" in text or next(nouns(text), None) is not None


def last(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Return the last matches, at most MOST_ANNOUNCEMENTS."""
    return list(deque(pattern.finditer(text), maxlen=MOST_ANNOUNCEMENTS))


def weak_announcements(text: str) -> Iterator[tuple[int, str]]:
    """Yield (position, answer) of announcements by a weak noun that stand in the last sentence or say "final"."""
    for match in last(WEAK_NOUN, text):
        answer = announced_by(match, text)
        is_final = FINAL.search(text[max(0, match.start() - 20) : match.end()])
        if answer and (is_final or is_last(text[match.end() :])) and re.search(r"[\d\\^=]", answer):
            yield match.end(), answer


def is_last(rest: str) -> bool:
    """Return True if no sentence follows this one."""
    return not re.search(r"[.。!]\s+\S|\n\s*\S", rest.strip()[:2000])


def announced_by(noun: re.Match[str], text: str) -> str | None:
    """Return what the noun announces; None if it announces nothing or not the writer's own answer."""
    before = text[max(0, noun.start() - 80) : noun.start()]
    if HEDGED.search(before):
        return UNDECIDED
    if NOT_MINE.search(before) or PART_OF.search(before) or SUPPOSED.search(CLAUSE_END.split(before)[-1] + " "):
        return None
    after = text[noun.end() : noun.end() + 2000]
    colon = (COLON if ENGLISH.match(noun.group()) else COLON_AFTER_WORDS).match(after)
    content = after[colon.end() :] if colon else after_copula(noun.group(), after)
    if content is None or (colon and BOUNDED.match(content)):
        return None
    answer = statement(content)
    if not answer or is_remark(answer):
        return None
    decimal = None if ENGLISH.match(noun.group()) else DECIMAL_COMMA.match(answer)
    return f"{decimal.group(1)}.{decimal.group(2)}{answer[decimal.end() :]}" if decimal else answer


def after_copula(noun: str, after: str) -> str | None:
    """Return what follows "is". Directly after the noun this may be anything; after other words it must be a value.
    Some languages need no "is" at all."""
    direct = DECORATION.match(after)
    start = direct.end() if direct else 0
    copula = None
    for match in COPULA.finditer(after[: GAP + 20]):
        gap = after[: match.start()]
        if len(gap) > GAP or re.search(r"[\n.。;!?]|\d\s", gap) or NEGATION.search(gap):
            break
        copula = match
        is_value = VALUE.match(ADVERBS.sub("", DECORATION.sub("", after[match.end() :]).lstrip()))
        if is_value or not gap.strip(" *_,") or after[match.end() :].startswith(" that "):
            return after[match.end() :]
    if copula is None and VALUE.match(after[start:]) and (CJK.match(noun) or not re.match(r"[a-zA-Z(]|\s*\(", after)):
        return after[start:]
    return None
