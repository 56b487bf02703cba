"""Explicit statements of a choice: "the answer is B", "I choose B", a heading with a letter below, "option B is correct"."""

from filters.choice_claims import CHOICE, DENIAL, MARKS, OPEN, STOPS, Claim, Reading, claim_at, is_latin, joined, predicate, text_claim
from filters.choice_words import (
    AND,
    ANSWER,
    BARE_COPULA,
    CHOOSE,
    CORRECTION,
    FILL,
    IF,
    IS,
    NOT,
    OPTION,
    OR,
    OTHERS,
    PREPOSITION,
    RIGHT,
    SUPPOSED,
    THING,
    UNSURE,
    WRONG,
    words,
)

PARTICLES = {"的", "の"}
LINKS = {":", "=", "→", "⇒", "-", "|", "]", "】", "»"}
SKIPPED = {",", "*", "...", "…", "【", "[", ">", "(", "'"}
BREAKS = STOPS | {",", ":", "(", ")", "-"} | words(
    "so therefore thus hence then but and because since which donc alors entonces então quindi dunque also daher somit folglich dus"
    " поэтому значит 所以 因此 因为 故 但 但是 而 したがって よって 따라서 그러므로 لذلك इसलिए তাই ดังนั้น vậy jadi więc dolayısıyla άρα"
)
"""Where the clause of a statement begins."""
FIRST_PERSON = words("i am i'm let's we i'd i'll we'd we'll would will should must")
ENGLISH_CHOOSE = words("choose pick select go_with going_with opt_for")
MINE = words("my our the final")
DOUBT = words("might could may")
CONCLUSION = words("so therefore thus hence donc alors entonces portanto logo quindi dunque also daher somit folglich dus поэтому 所以 因此 故 综上 故选 应选")
MOST_STATEMENTS = 100
LONGEST_GAP, LONGEST_CLAUSE, LONGEST_TEXT = 30, 40, 10
"""In tokens."""


def stated(reading: Reading) -> Claim | None:
    """The last statement; without letters where it is a hedge or was taken back.

    "B is correct" is no more than a hint beside "the answer is B": each true option may be called so. Hints count where there is
    no statement and all of them agree, and over an earlier statement only after a word of correction ("wait").
    """
    hints: list[tuple[int, frozenset[str]]] = []
    denied: set[str] = set()
    doubted: set[str] = set()
    corrected_at, read = -1, 0
    for place in range(len(reading.tokens) - 1, -1, -1):
        if reading.word(place) in CORRECTION:
            corrected_at = max(corrected_at, place)
            denied |= doubted
        if read > MOST_STATEMENTS:
            break
        if not reading.letter(place) and not is_announcement(reading, place):
            continue
        read += 1
        found = statement_at(reading, place)
        if found is None:
            continue
        if found.kind == DENIAL:
            (denied if found.is_firm else doubted).update(found.letters)
        elif not found.is_firm:
            hints.append((place, found.letters))
        else:
            letters = hints[0][1] if hints and hints[0][0] > corrected_at > place else found.letters
            return Claim(CHOICE, frozenset() if letters & denied else letters)
    agreed = {letters for _, letters in hints}
    if len(agreed) != 1 or hints[0][1] & (denied | doubted):
        return None
    return Claim(CHOICE, hints[0][1], is_firm=False)


def statement_at(reading: Reading, place: int) -> Claim | None:
    word = reading.word(place)
    if reading.letter(place):
        return called_right(reading, place)
    if is_not_mine(reading, place):
        return None
    return announced(reading, place, word in CHOOSE or word in BARE_COPULA or (word in ANSWER and is_after_copula(reading, place)))


def is_after_copula(reading: Reading, place: int) -> bool:
    """ "C'est la réponse B"."""
    at = place - 1
    while reading.word(at) in FILL and reading.word(at) not in BREAKS:
        at -= 1
    return reading.word(at) in IS and bool(reading.letter(place + 1))


def is_announcement(reading: Reading, place: int) -> bool:
    word, before = reading.word(place), reading.word(place - 1)
    if word in CHOOSE:
        return word not in ENGLISH_CHOOSE or before in FIRST_PERSON
    if word in ANSWER:
        return True
    if word in RIGHT and (before in STOPS or not is_latin(word)):  # "Richtig ist B", "正确的是B"
        after = reading.word(place + 1 + (reading.word(place + 1) in PARTICLES))
        return after in IS or after == ":"
    if word not in OPTION and word not in THING:
        return False
    return before in RIGHT or before in PARTICLES or reading.word(place + 1) in RIGHT or (before in MINE and word in OPTION)


def is_not_mine(reading: Reading, place: int) -> bool:
    """Whether the clause before supposes or denies the statement, or gives it to someone else."""
    at = place - 1
    while (word := reading.word(at)) not in BREAKS and (word in RIGHT or word in FILL or word in OPTION):
        at -= 1
    is_whose = is_latin(word) and word.endswith("'s") and word not in {"it's", "let's", "here's"}
    return is_whose or word in OTHERS or is_supposed(reading, place)


def is_supposed(reading: Reading, place: int) -> bool:
    is_same_clause = reading.word(place) not in CONCLUSION
    for at in range(place - 1, max(-1, place - LONGEST_CLAUSE), -1):
        word = reading.word(at)
        if word in STOPS or word in CONCLUSION:
            return False
        if word in IF and reading.word(place) not in CONCLUSION:
            return True
        is_same_clause &= word not in BREAKS
        if not is_same_clause:
            continue
        if word in SUPPOSED or word in WRONG or word in NOT or word in DOUBT or word.endswith("n't"):
            return True
    return False


def announced(reading: Reading, place: int, is_linked: bool) -> Claim | None:
    """What follows the announcement: over "is", adverbs, "option", and the end of the line of a heading."""
    start = after_phrase(reading, place + 1)
    is_denied = False
    at = start
    while at < start + LONGEST_GAP and (word := reading.word(at)):
        if reading.letter(at) or reading.is_lone(at) or (word == "-" and not reading.has_gap(at)):
            break
        if is_linked and begins_option(reading, at) and text_claim(reading, at):
            break  # "the answer is no"
        if word == "\n":
            if not is_linked and not is_heading(reading, place):
                return None
            is_linked = True
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
    return Claim(DENIAL, claim.letters) if claim and is_denied else claim


def begins_option(reading: Reading, place: int) -> bool:
    return any(text[:1] == (reading.word(place),) for text in reading.options.words.values())


def after_phrase(reading: Reading, place: int) -> int:
    """Past "to this question", "for question 3"."""
    if reading.word(place) not in PREPOSITION:
        return place
    for at in range(place + 1, place + 10):
        word = reading.word(at)
        if word in MARKS and word != ":":
            break
        if word in IS or word == ":":
            return at
    return place


def is_heading(reading: Reading, place: int) -> bool:
    """Whether nothing else stands on its line."""
    at = place - 1
    while (word := reading.word(at)) in RIGHT or word in FILL or word in SKIPPED:
        at -= 1
    return word in {"\n", ""}


def called_right(reading: Reading, place: int) -> Claim | None:
    """ "B is correct", "options A and C are the right ones", "B is wrong"."""
    if follows_letter(reading, place) or is_supposed(reading, place):
        return None
    before = reading.word(place - 1)
    if is_latin(before) and not any(before in kind for kind in (OPTION, ANSWER, FILL, AND, RIGHT, BREAKS)):
        return None  # "vitamin B is correct"
    letters, end, is_hedged = joined(reading, place)
    verdict, is_firm = predicate(reading, end + (reading.word(end) == ")"))
    if not verdict and not reading.options.texts and (reading.word(end) in {")", ":"} or reading.is_bracketed(place)):
        verdict, is_firm = predicate(reading, next_copula(reading, end + 1))  # after a text that nobody can tell
    if not verdict:
        return None
    if verdict == "wrong":
        return Claim(DENIAL, frozenset(letters), False)
    return Claim(OPEN if is_hedged else CHOICE, frozenset(() if is_hedged else letters), is_firm or is_concluded(reading, place))


def follows_letter(reading: Reading, place: int) -> bool:
    """Whether an earlier letter is joined to this one, as in "A and C are correct"."""
    is_joined = False
    for at in range(place - 1, place - 5, -1):
        word = reading.word(at)
        if reading.letter(at):
            return is_joined
        is_joined |= word in AND or word in OR
        if word not in AND and word not in OR and word not in OPTION:
            return False
    return False


def next_copula(reading: Reading, place: int) -> int:
    for at in range(place, place + LONGEST_TEXT):
        word = reading.word(at)
        if reading.letter(at) or word in MARKS or word in NOT or word in OR:
            break
        if word in IS:
            return at
    return len(reading.tokens)


def is_concluded(reading: Reading, place: int) -> bool:
    """ "Therefore, option" before the letter."""
    at = place - 1
    while (word := reading.word(at)) in OPTION or word == "," or word in FILL:
        if word in CONCLUSION:
            return True
        at -= 1
    return False
