"""What is said of the letters of a claim: that they are right, wrong, supposed, hedged, or another option's text."""

from filters.choice_reading import LABEL_ENDS, MARKS, STOPS, Reading
from filters.choice_words import *

def predicate(reading: Reading, place: int) -> tuple[str, bool]:
    """What is said of the letters before: "right", "wrong" or nothing; and whether firmly ("is the answer")."""
    is_linked = is_denied = False
    for at in range(place, place + LONGEST_PREDICATE):
        word = reading.word(at)
        if reading.letter(at) or word in MARKS:
            break
        if word in NOT or word in NOT_AFTER:
            is_denied, is_linked = True, is_linked or word.endswith("n't")
            if word in NOT_AFTER:
                return "wrong", True
        elif word in CHOSEN:
            return "right", True
        elif word in WRONG and (is_linked or not is_latin(word)):
            return ("", False) if is_denied else ("wrong", True)
        elif word in RIGHT or word in ANSWER:
            if not is_linked and is_latin(word):
                break
            return complement(reading, at, is_denied)
        elif word in IS:
            is_linked = True
        elif word not in FILL and word not in AFTER and word not in OPTION:
            break
    return "", False


def complement(reading: Reading, place: int, is_denied: bool) -> tuple[str, bool]:
    is_firm = False
    while (word := reading.word(place)) and any(word in kind for kind in (RIGHT, ANSWER, OPTION, THING, AFTER, IS, FILL)):
        if reading.letter(place):
            break
        is_firm |= word in ANSWER or word in OPTION or word in THING
        place += 1
    is_denied |= word in NOT_AFTER
    if not (word in MARKS or word in AFTER_RIGHT or word in NOT_AFTER or not is_latin(word)) or word == "?":
        return "", False
    return ("wrong" if is_denied else "right"), is_firm


def is_hedged_after(reading: Reading, place: int) -> bool:
    """ "or C", ", or maybe something else", but not "or 15 apples" where that is the option's own text."""
    at = place
    while reading.word(at) in {",", "(", "-", "but", "and"}:
        at += 1
    if reading.word(at) in UNSURE:
        return any(reading.letter(at + step) for step in range(1, 4))
    if reading.word(at) not in OR:
        return False
    if reading.word(at) == "of":
        return bool(reading.letter(at + 1))
    return not reading.options.begun_by(reading.words(at + 1))[0]


def is_contradicted(reading: Reading, place: int, letter: str) -> bool:
    """Whether the text of another option follows. After a point it may begin the next sentence instead."""
    mark = reading.word(place)
    start = place + 1 if mark in LABEL_ENDS else place
    line = reading.text[reading.tokens[start].start : reading.end_before(reading.line_end(start))] if start < len(reading.tokens) else ""
    meant = reading.options.named_by(line)
    if not meant:
        meant, length = reading.options.begun_by(reading.words(start))
        after = reading.word(start + length)
        if mark in {".", ","} and not (after in STOPS or after in BECAUSE or after == ","):
            return False
    return bool(meant) and letter not in meant


def is_disowned(reading: Reading, place: int) -> bool:
    """`, which is wrong`."""
    following = reading.words(place)[:5]
    return following[:1] == [","] and following[1:2] in (["which"], ["that"]) and any(word in WRONG for word in following)


