r"""Compares an answer with a reference that is the letter of an option, or several, where the options are not known."""

import re

from filters.verifiers.extraction.boxed import boxes_with_places
from filters.verifiers.mathematics.equivalence import spelled
from records.thinking import answer_part

LETTER = re.compile(r"(?:\\text\{\s*)?\(?([A-J])\)?\s*\}?")
NAMED_LETTER = re.compile(
    r"(?:\\text\{\s*)?(?:option|choice|answer|i choose)\s*:?\s*\(?([A-J])\)?\s*\}?", re.IGNORECASE
)
OTHER_LETTER = re.compile(
    r"\([A-J]\)|(?<![\w\\])[A-J][).:]|(?:\b(?:or|and)\b\s?\}?|[,;/])\s{0,3}(?:\\text\{\s{0,3})?\(?[A-J]\)?(?![\w'])"
    r"|^[\s}:]{0,4}(?:is\s|was\s)?(?:also\s)?(?:not|no|never|wrong|incorrect|false)\b"
)
"""Words after a letter that name another beside it, "(B) or (C)", or that deny it, "(B) is wrong"."""
LETTERS = re.compile(r"[A-J](?:\s?(?:,|\\text\{\s?(?:and|,|[和与、])\s?\}|and|[和与])?\s?[A-J]){1,9}")
# "最终答案选 B", "so the answer is (B)"
LETTER_AT_END = re.compile(
    r"(?:(?<![不非没])选[项择]?|答案|(?i:option|choice|answer))[\s*:：]{0,4}(?:为|是|(?i:is))?[\s*:：]{0,4}[(（]?([A-J])[)）]?[\s*]{0,4}$"
)
BESIDE = 120
"""Characters before a box in which a letter may be announced."""
LETTERED = re.compile(r"(?:\\text\{\s*)?(?:\(([A-J])\)|([A-J])[).:])((?:[\s}].*)?)", re.DOTALL)


def lettered(reference: str, answer: str) -> bool:
    """Return True if the reference is a letter and the answer starts with it or names it: `B` against `(B) 15` or
    `Option B`, or if the answer is the letter with which the reference starts."""
    if letters_of(reference) == letters_of(answer) != frozenset():
        return True
    letter = LETTER.fullmatch(spelled(reference))
    if letter is None:
        whole, alone = spelled(reference), LETTER.fullmatch(spelled(answer))
        return alone is not None and begins_with(whole, alone.group(1))
    if named := NAMED_LETTER.fullmatch(spelled(answer)):
        return letter.group(1) == named.group(1)
    return begins_with(spelled(answer), letter.group(1))


def begins_with(text: str, letter: str) -> bool:
    return letter in with_its_text(text)


def with_its_text(text: str) -> frozenset[str]:
    """Return the letter of a letter with its text, `(B) 15`, that names no other letter beside it and is not denied;
    none for other texts. `text` is spelled as `spelled` does."""
    found = LETTERED.fullmatch(text)
    return (
        frozenset(filter(None, found.groups()[:2]))
        if found and not OTHER_LETTER.search(found.group(3))
        else frozenset()
    )


def letters_of(text: str) -> frozenset[str]:
    """Return the letters of several options: `A, C, D`, or `ACD` in the order of the alphabet; none for other texts."""
    listed = LETTERS.fullmatch(spelled(text))
    found = re.findall("[A-J]", listed.group()) if listed else []
    return frozenset(found) if found == sorted(set(found)) else frozenset()


def lettered_beside(reference: str, answer: str, extracted: str) -> bool:
    """Return True if the reference is a letter that the last line before the box announces, where the box holds its
    value: "So it is (B)." and then its text."""
    text = answer_part(answer)
    placed = boxes_with_places(text) if LETTER.fullmatch(reference) and re.search(r"\d", extracted) else []
    if not placed or LETTERED.fullmatch(spelled(extracted)):
        return False
    line = text[max(0, placed[-1][0] - BESIDE) : placed[-1][0]].rstrip(" \n$[\\*.。").rpartition("\n")[2]
    named = LETTER_AT_END.search(line)
    return named is not None and named.group(1) == reference
