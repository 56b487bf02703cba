"""Tells whether the words after an answer take it back."""

import re

AFTER, SHORTEST = 400, 6
"""Characters after an answer that are read, and fewer than which take nothing back."""
DENIAL = (
    r"(?:wrong|incorrect|false|invalid|impossible|a mistake|not\s(?:correct|right|true|valid|possible"
    r"|(?:the|our|my)\s(?:final\s|correct\s|right\s)?answer))(?![\w-])"
)
# "$ is wrong"
PREDICATE = re.compile(rf"(?i)[\s$*.)\]\\]{{0,8}}(?:is|was|are|were|isn't|would be|seems|must be)\s(?:also\s)?{DENIAL}")
CORRECTED = (
    r"(?:(?:wait|hold on|oops|sorry|actually|correction|hmm)[\s,.:;!—–-]{1,4}|no[,.:;!—–]\s{0,2})"
    r"(?:[^\n.!?]{0,60}?(?<!\w))?"
    r"(?:no\s?[:,]|wrong|incorrect|mistake|error|not (?:right|correct)|should (?:be|have been)|it's not|it is not)(?!\w)"
)
# "Wait, no: C"
CORRECTION = re.compile(rf"(?i)(?<!\w){CORRECTED}|等等[，,、]?\s?(?:不对|不對|错|錯)")
# "Wait, no: 7", "That is wrong."
RETRACTION = re.compile(
    rf"(?i)(?<!\w)(?:{CORRECTED}|(?:that|this|it)(?:\s(?:answer|value|result))?(?:'s|\sis|\swas)\s(?:wrong|incorrect|a mistake|not (?:correct|right))(?!\w)"
    r"|(?:(?<=[.!]\s)|(?<=\n))no[,:]\s[$\\\d-])"
    r"|等等[，,、]?\s?(?:不对|不對|错|錯)|(?:答案|结果)(?:是)?(?:不对|错误的|错的)"
)


def is_retracted(after: str) -> bool:
    """Return True if the text right after an answer denies it ("is wrong") or takes it back ("Wait, no: 7")."""
    if len(after) < SHORTEST:
        return False
    return PREDICATE.match(after) is not None or RETRACTION.search(after[:AFTER]) is not None


def is_corrected(after: str) -> bool:
    """Return True if the text right after an answer begins to correct it. Beside other options "this is wrong" says
    nothing of the answer."""
    return len(after) >= SHORTEST and CORRECTION.search(after[:AFTER]) is not None
