"""Statements of a choice: "the answer is B", "I choose B", a heading with a letter below, "option B is correct"."""

from filters.verifiers.choice.claims import CHOICE, DENIAL, NONE, Claim, claim_at, joined, text_claim
from filters.verifiers.choice.hints import called_right
from filters.verifiers.choice.reading import MARKS, STOPS, Reading
from filters.verifiers.choice.remarks import BREAKS, is_latin, is_supposed
from filters.verifiers.choice.words import (
    ANSWER,
    BARE_COPULA,
    CHOOSE,
    CORRECTION,
    ENGLISH_CHOOSE,
    FILL,
    FIRST_PERSON,
    IS,
    LISTS,
    MINE,
    NOT,
    OPTION,
    OTHERS,
    PARTICLES,
    PREPOSITION,
    RIGHT,
    THING,
    UNSURE,
)

LINKS = {":", "=", "→", "⇒", "-", "|", "]", "】", "»"}
SKIPPED = {",", "*", "...", "…", "【", "[", ">", "("}
MOST_STATEMENTS = 100
"""Places that are looked at from the end on: a bound on time."""
LONGEST_GAP, LONGEST_PHRASE = 30, 10
"""In tokens."""


def stated(reading: Reading) -> Claim | None:
    """The last statement; without letters where it is a hedge or was taken back.

    "B is correct" is no more than a hint beside "the answer is B": each true option may be called so. Hints count
    where there is no statement and all of them agree, and over an earlier statement only after a word of correction
    ("wait").
    """
    hints: list[tuple[int, frozenset[str]]] = []
    denied: set[str] = set()
    doubted: set[str] = set()
    corrected_at, looked = -1, 0
    for place in range(len(reading.tokens) - 1, -1, -1):
        if reading.word(place) in CORRECTION:
            corrected_at = max(corrected_at, place)
            denied |= doubted
        if not reading.letter(place) and not is_announcement(reading, place):
            continue
        found = called_right(reading, place) if reading.letter(place) else announced(reading, place)
        looked += 1
        if found and found.kind == DENIAL:
            (denied if found.is_firm else doubted).update(found.letters)
        elif found and found.is_firm:
            letters = hints[0][1] if hints and hints[0][0] > corrected_at > place else found.letters
            return Claim(CHOICE, NONE if letters & denied else letters)
        elif found:
            hints.append((place, found.letters))
        if looked == MOST_STATEMENTS:
            break
    if len({letters for _, letters in hints}) != 1 or hints[0][1] & (denied | doubted):
        return None
    return Claim(CHOICE, hints[0][1], is_firm=False)


def is_announcement(reading: Reading, place: int) -> bool:
    word, before, after = reading.word(place), reading.word(place - 1), reading.word(place + 1)
    if word in CHOOSE:
        return word not in ENGLISH_CHOOSE or before in FIRST_PERSON
    if word in ANSWER:
        return after not in LISTS or before in RIGHT  # "Answer choices: A. …"
    if word in RIGHT and (before in STOPS or not is_latin(word)):  # "Richtig ist B", "正确的是B"
        linked = reading.word(place + 2) if after in PARTICLES else after
        return linked in IS or linked == ":"
    if word not in OPTION and word not in THING:
        return False
    return before in RIGHT or before in PARTICLES or after in RIGHT or (before in MINE and word in OPTION)


def announced(reading: Reading, place: int) -> Claim | None:
    """What follows the announcement: over "is", adverbs, "option", and the end of the line of a heading."""
    if is_not_mine(reading, place):
        return None
    word = reading.word(place)
    is_linked = word in CHOOSE or word in BARE_COPULA or is_after_copula(reading, place)
    is_denied = is_below = False
    start = at = after_phrase(reading, place + 1)
    while at < start + LONGEST_GAP and (word := reading.word(at)):
        if reading.letter(at) or reading.is_lone(at) or (word == "-" and not reading.has_gap(at)):
            break
        if is_linked and begins_option(reading, at) and text_claim(reading, at):
            break  # "the answer is no"
        if word == "\n":
            if not is_linked and not is_heading(reading, place):
                return None
            is_linked = is_below = True
        elif word in UNSURE:
            return None
        elif word in IS or word in LINKS:
            is_linked = True
        elif word in NOT:
            is_denied = True
            is_linked |= word.endswith("n't")
        elif not any(word in kind for kind in (FILL, RIGHT, OPTION, ANSWER, THING, SKIPPED)):
            break
        at += 1
    claim = claim_at(reading, at) if is_linked else None
    if claim and is_denied:
        return Claim(DENIAL, claim.letters)
    return with_lines_below(reading, at, claim) if claim and claim.kind == CHOICE and is_below else claim


def is_not_mine(reading: Reading, place: int) -> bool:
    """Whether it is supposed or denied or somebody else's."""
    at = place - 1
    while (word := reading.word(at)) not in BREAKS and (word in RIGHT or word in FILL or word in OPTION):
        at -= 1
    is_whose = is_latin(word) and word.endswith("'s") and word not in {"it's", "let's", "here's"}
    return is_whose or word in OTHERS or is_supposed(reading, place)


def is_after_copula(reading: Reading, place: int) -> bool:
    """ "C'est la réponse B"."""
    at = place - 1
    while reading.word(at) in FILL and reading.word(at) not in BREAKS:
        at -= 1
    return reading.word(place) in ANSWER and reading.word(at) in IS and bool(reading.letter(place + 1))


def after_phrase(reading: Reading, place: int) -> int:
    """Past "to this question", "for question 3"."""
    if reading.word(place) in PREPOSITION:
        for at in range(place + 1, place + LONGEST_PHRASE):
            word = reading.word(at)
            if word in IS or word == ":":
                return at
            if word in MARKS:
                break
    return place


def begins_option(reading: Reading, place: int) -> bool:
    return any(text[:1] == (reading.word(place),) for text in reading.options.words.values())


def is_heading(reading: Reading, place: int) -> bool:
    """Whether nothing else stands before it on its line."""
    at = place - 1
    while (word := reading.word(at)) in RIGHT or word in FILL or word in SKIPPED:
        at -= 1
    return word in {"\n", ""}


def with_lines_below(reading: Reading, place: int, claim: Claim) -> Claim:
    """The claim and those of the lines that follow, each a letter with its text or without: a list of answers."""
    letters, at = claim.letters, reading.line_end(place)
    while reading.word(at) == "\n":
        at += 1
        if reading.letter(at):
            more, end, _ = joined(reading, at)
            if reading.word(end) not in {"\n", ""} and not reading.is_full_stop(end):
                break
            letters, at = letters.union(more), reading.line_end(at)
    return Claim(CHOICE, letters)
