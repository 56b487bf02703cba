"""Finds statements of a choice: "the answer is B", "I choose B", a heading with a letter below, "option B is
correct"."""

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
    OR,
    OTHERS,
    PARTICLES,
    PREPOSITION,
    RIGHT,
    THING,
    UNSURE,
)
from filters.verifiers.extraction.retraction import is_corrected

LINKS = {":", "=", "→", "⇒", "-", "|", "]", "】", "»"}
SKIPPED = {",", "*", "...", "…", "【", "[", ">", "("}
MOST_STATEMENTS = 100
"""Tokens that are examined, counted from the end: a bound on time."""
LONGEST_GAP, LONGEST_PHRASE = 30, 10
"""Tokens between an announcement and its letter, and tokens of a phrase such as "to this question"."""


def stated(reading: Reading) -> Claim | None:
    """Return the last statement; it has no letters if it is a hedge or was taken back.

    "B is correct" is only a hint beside "the answer is B", because every true option may be called correct. Hints count
    if there is no statement and all of them agree; they override an earlier statement only after a word of correction
    ("wait").
    """
    hints: list[tuple[int, frozenset[str]]] = []
    denied: set[str] = set()
    doubted: set[str] = set()
    corrected_at, looked = -1, 0
    for index in range(len(reading.tokens) - 1, -1, -1):
        if reading.word(index) in CORRECTION:
            corrected_at = max(corrected_at, index)
            denied |= doubted
        if not reading.letter(index) and not is_announcement(reading, index):
            continue
        found = called_right(reading, index) if reading.letter(index) else announced(reading, index)
        looked += 1
        if found and found.kind == DENIAL:
            (denied if found.is_firm else doubted).update(found.letters)
        elif found and found.is_firm:
            is_overruled = bool(hints) and hints[0][0] > corrected_at > index
            letters = hints[0][1] if is_overruled else found.letters
            is_taken_back = letters & denied or (
                not is_overruled and is_corrected(reading.text[reading.tokens[index].end :])
            )
            return Claim(CHOICE, NONE if is_taken_back or is_alternative(reading, index) else letters)
        elif found:
            hints.append((index, found.letters))
        if looked == MOST_STATEMENTS:
            break
    if len({letters for _, letters in hints}) != 1 or hints[0][1] & (denied | doubted):
        return None
    return Claim(CHOICE, hints[0][1], is_firm=False)


def is_alternative(reading: Reading, index: int) -> bool:
    """Return True if "or" joins the statement to another before it: "The answer is C or the answer is B"."""
    at = index - 1
    while at > index - 4 and (
        reading.word(at) in RIGHT or reading.word(at) in MINE or reading.word(at) in {"the", "that"}
    ):
        at -= 1
    return not reading.letter(index) and reading.word(at) in OR


def is_announcement(reading: Reading, index: int) -> bool:
    """Return True if the word announces an answer, as "answer", "choose" or "correct option" do."""
    word, before, after = reading.word(index), reading.word(index - 1), reading.word(index + 1)
    if word in CHOOSE:
        return word not in ENGLISH_CHOOSE or before in FIRST_PERSON
    if word in ANSWER:
        return after not in LISTS or before in RIGHT  # "Answer choices: A. …"
    if word in RIGHT and (before in STOPS or not is_latin(word)):  # "Richtig ist B", "正确的是B"
        linked = reading.word(index + 2) if after in PARTICLES else after
        return linked in IS or linked == ":"
    if word not in OPTION and word not in THING:
        return False
    return before in RIGHT or before in PARTICLES or after in RIGHT or (before in MINE and word in OPTION)


def announced(reading: Reading, index: int) -> Claim | None:
    """Return the claim that an announcement makes. "is", adverbs, "option" and the end of a heading's line may stand
    between."""
    if is_not_mine(reading, index):
        return None
    word = reading.word(index)
    is_linked = word in CHOOSE or word in BARE_COPULA or is_after_copula(reading, index)
    is_denied = is_below = False
    start = at = after_phrase(reading, index + 1)
    while at < start + LONGEST_GAP and (word := reading.word(at)):
        if reading.letter(at) or reading.is_lone(at) or (word == "-" and not reading.has_gap(at)):
            break
        if is_linked and begins_option(reading, at) and text_claim(reading, at):
            break  # "the answer is no"
        if word == "\n":
            if not is_linked and not is_heading(reading, index):
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


def is_not_mine(reading: Reading, index: int) -> bool:
    """Return True if the announced answer is only supposed, is denied, or is somebody else's."""
    at = index - 1
    while (word := reading.word(at)) not in BREAKS and (word in RIGHT or word in FILL or word in OPTION):
        at -= 1
    is_whose = is_latin(word) and word.endswith("'s") and word not in {"it's", "let's", "here's"}
    return is_whose or word in OTHERS or is_supposed(reading, index)


def is_after_copula(reading: Reading, index: int) -> bool:
    """Return True if "is" stands before the noun and the letter follows at once, as in "C'est la réponse B"."""
    at = index - 1
    while reading.word(at) in FILL and reading.word(at) not in BREAKS:
        at -= 1
    return reading.word(index) in ANSWER and reading.word(at) in IS and bool(reading.letter(index + 1))


def after_phrase(reading: Reading, index: int) -> int:
    """Return the index after a phrase such as "to this question" or "for question 3"."""
    if reading.word(index) in PREPOSITION:
        for at in range(index + 1, index + LONGEST_PHRASE):
            word = reading.word(at)
            if word in IS or word == ":":
                return at
            if word in MARKS:
                break
    return index


def begins_option(reading: Reading, index: int) -> bool:
    return any(text[:1] == (reading.word(index),) for text in reading.options.words.values())


def is_heading(reading: Reading, index: int) -> bool:
    """Return True if nothing else stands before the announcement on its line."""
    at = index - 1
    while (word := reading.word(at)) in RIGHT or word in FILL or word in SKIPPED:
        at -= 1
    return word in {"\n", ""}


def with_lines_below(reading: Reading, index: int, claim: Claim) -> Claim:
    """Add the letters of the lines that follow, each a letter with or without its text: a list of answers."""
    letters, at = claim.letters, reading.line_end(index)
    while reading.word(at) == "\n":
        at += 1
        if reading.letter(at):
            more, end, _ = joined(reading, at)
            if reading.word(end) not in {"\n", ""} and not reading.is_full_stop(end):
                break
            letters, at = letters.union(more), reading.line_end(at)
    return Claim(CHOICE, letters)
