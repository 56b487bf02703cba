"""Reads what a text says about letters: that they are right, wrong, only supposed, hedged, or beside another
option's text."""

from filters.verifiers.choice.reading import LABEL_ENDS, MARKS, STOPS, Reading
from filters.verifiers.choice.words import (
    AFTER,
    AFTER_RIGHT,
    ANSWER,
    BECAUSE,
    BREAK,
    CHOSEN,
    CONCLUSION,
    DOUBT,
    FILL,
    IF,
    IS,
    NOT,
    NOT_AFTER,
    OPTION,
    OR,
    RIGHT,
    SUPPOSED,
    THING,
    UNSURE,
    WRONG,
)

BREAKS = STOPS | BREAK | {",", ":", "(", ")", "-"}
"""Words and marks at which a new clause begins."""
QUESTION = {"?", "؟", "吗", "嗎"}
LONGEST_PREDICATE, LONGEST_CLAUSE = 12, 40
"""Tokens that are read of a predicate, and of the clauses before a claim."""


def is_latin(word: str) -> bool:
    """Return True for a word in Latin letters, which spaces separate from its neighbours."""
    return word[:1].isalpha() and word[:1] < "\u0250"


def predicate(reading: Reading, index: int) -> tuple[str, bool]:
    """Return what the words after the letters say of them, "right", "wrong" or "", and whether it calls them the answer
    ("is the answer")."""
    is_linked = is_denied = False
    for at in range(index, index + LONGEST_PREDICATE):
        word = reading.word(at)
        if at == index and word in {"-", ":"}:  # "B — правильный ответ"
            is_linked = True
            continue
        if reading.letter(at) or word in MARKS:
            break
        if word in NOT_AFTER:
            return "wrong", True
        if word in NOT:
            is_denied, is_linked = True, is_linked or word.endswith("n't")
        elif word in CHOSEN:
            return "right", True
        elif word in WRONG and (is_linked or not is_latin(word)):
            return ("", False) if is_denied else ("wrong", True)
        elif word in RIGHT or word in ANSWER:
            return complement(reading, at, is_denied) if is_linked or not is_latin(word) else ("", False)
        elif word in IS:
            is_linked = True
        elif word not in FILL and word not in AFTER and word not in OPTION:
            break
    return "", False


def complement(reading: Reading, index: int, is_denied: bool) -> tuple[str, bool]:
    """Read the predicate from its first adjective or noun on."""
    is_answer = False
    while (word := reading.word(index)) and not reading.letter(index):
        if not any(word in kind for kind in (RIGHT, ANSWER, OPTION, THING, AFTER, IS, FILL)):
            break
        is_answer |= word in ANSWER or word in OPTION or word in THING
        index += 1
    if word in QUESTION or not (word in MARKS or word in AFTER_RIGHT or word in NOT_AFTER or not is_latin(word)):
        return "", False
    return ("wrong" if is_denied or word in NOT_AFTER else "right"), is_answer


def is_supposed(reading: Reading, index: int) -> bool:
    """Return True if the clause before this token doubts or denies it, or if an "if" in an earlier clause makes it
    conditional."""
    is_concluded, is_same_clause = reading.word(index) in CONCLUSION, True
    for at in range(index - 1, max(-1, index - LONGEST_CLAUSE), -1):
        word = reading.word(at)
        if word in STOPS or word in CONCLUSION:
            return False
        if word in IF and not is_concluded:
            return True
        is_same_clause &= word not in BREAKS and not is_concluded
        is_doubted = word in SUPPOSED or word in WRONG or word in NOT or word in DOUBT or word.endswith("n't")
        if is_same_clause and is_doubted:
            return True
    return False


def is_open(reading: Reading, index: int) -> bool:
    """Return True if what follows takes the letters back: a question, a condition or a hedge."""
    word, after = reading.word(index), reading.word(index + 1)
    if reading.letter(index + 1) and (word == "→" or (word in {":", "-", "."} and not reading.has_gap(index))):
        return True  # the letters are a ratio, a range or a path
    if word == "(" and after in WRONG:
        return True
    is_doubted = word in QUESTION or word in SUPPOSED or word in UNSURE
    return is_doubted or (word == "," and after in IF) or is_hedged(reading, index)


def is_hedged(reading: Reading, index: int) -> bool:
    """Return True for "or C" and ", or maybe another", but not for "or 15 apples", where an option's text restates
    the letter."""
    while reading.word(index) in {",", "(", "-", "but", "and"}:
        index += 1
    if reading.word(index) in UNSURE:
        return any(reading.letter(index + step) for step in range(1, 4))
    if reading.word(index) == "of":  # "or" in Dutch only
        return bool(reading.letter(index + 1))
    return reading.word(index) in OR and not reading.options.begun_by(reading.words(index + 1))[0]


def is_contradicted(reading: Reading, index: int, letter: str) -> bool:
    """Return True if the text of another option follows. After a point that text may begin the next sentence
    instead."""
    mark = reading.word(index)
    start = index + 1 if mark in LABEL_ENDS else index
    if start >= len(reading.tokens):
        return False
    line = reading.text[reading.tokens[start].start : reading.end_before(reading.line_end(start))]
    meant = reading.options.named_by(line)
    if not meant:
        meant, length = reading.options.begun_by(reading.words(start))
        after = reading.word(start + length)
        if mark in {".", ","} and not (after in STOPS or after in BECAUSE or after == ","):
            return False
    return bool(meant) and letter not in meant


def is_disowned(reading: Reading, index: int) -> bool:
    """Return True if `, which is wrong` or the like follows."""
    mark, pronoun, *following = [reading.word(at) for at in range(index, index + 5)]
    return mark == "," and pronoun in {"which", "that"} and any(word in WRONG for word in following)
