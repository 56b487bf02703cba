"""What a text claims at one place: letters, joined or alone, or the text of an option."""

from dataclasses import dataclass

from filters.verifiers.choice.reading import LABEL_ENDS, MARKS, STOPS, Reading, is_only_letters
from filters.verifiers.choice.remarks import is_contradicted, is_disowned, is_latin, is_open, predicate
from filters.verifiers.choice.text import LETTERS
from filters.verifiers.choice.words import AFTER, AND, BECAUSE, FILL, NOT, OPTION, OR, UNSURE, WRONG

CHOICE, DENIAL, OPEN = "choice", "denial", "open"
OPERATORS = {"=", "+", "<", ">", "^", "*", "_", "%", "±"}
LONGEST_JOINT, LONGEST_NAMED = 5, 20
"""In tokens."""
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    kind: str
    """choice; denial ("not B", "B is wrong"); open (a hedge, a contradiction: it commits to none)."""
    letters: frozenset[str]
    is_firm: bool = True
    """Says what the answer is, not only what is correct, which every true option may be called."""


def claim_at(reading: Reading, place: int) -> Claim | None:
    """What is claimed from a token on, if anything."""
    if claim := text_with_letter(reading, place) or text_claim(reading, place) or letters_run(reading, place):
        return claim
    if not reading.letter(place) and not reading.is_lone(place):
        return None
    letters, end, is_hedged = joined(reading, place)
    verdict, _ = predicate(reading, end)
    if is_hedged:
        return Claim(OPEN, NONE)
    if verdict and len(letters) > 1:  # "the answer is A, B is wrong"
        return Claim(CHOICE, frozenset(letters[:-1]))
    if verdict:
        return Claim(DENIAL if verdict == "wrong" else CHOICE, frozenset(letters))
    return closed(reading, letters, end, place)


def closed(reading: Reading, letters: list[str], end: int, place: int) -> Claim | None:
    """The claim, unless what follows makes it something else."""
    chosen = Claim(CHOICE, frozenset(letters))
    while reading.word(end) in OPTION or reading.word(end) in AFTER:
        end += 1
    if is_open(reading, end) or (len(letters) == 1 and is_contradicted(reading, end, letters[0])):
        return Claim(OPEN, NONE)
    if is_disowned(reading, end):
        return None
    word, before = reading.word(end), reading.word(end - 1)
    if word in MARKS or word in BECAUSE or reading.is_bracketed(place) or before in {")", ":"}:
        return chosen
    if word in OPERATORS or word[:1] in {"\\", "{", "}"} or word[:1].isdigit() or reading.letter(end):
        return None
    has_text = len(letters) == 1 and bool(reading.options.begun_by(reading.words(place + 1))[0])
    is_other_word = is_latin(word) and word not in NOT and not has_text  # "A planet", "C major"
    return None if is_other_word else chosen


def joined(reading: Reading, place: int) -> tuple[list[str], int, bool]:
    """Letters joined by "and" or commas, each with its option's text or without; where they end; whether by "or"."""
    letters, is_hedged = [reading.word(place).strip("([{}])").upper()], False
    end = after_own_text(reading, place + 1, letters[0])
    while True:
        after = end
        while after - end < LONGEST_JOINT and is_joint(reading, after, after == end):
            after += 1
        if after == end or not reading.letter(after):
            return letters, end, is_hedged
        is_hedged |= any(reading.word(at) in OR or reading.word(at) in UNSURE for at in range(end, after))
        letters.append(reading.letter(after))
        end = after_own_text(reading, after + 1, letters[-1])


def is_joint(reading: Reading, place: int, is_first: bool) -> bool:
    word = reading.word(place)
    if reading.letter(place):
        return False
    return word in AND or word in OR or (not is_first and (word in OPTION or word in UNSURE or word in FILL))


def after_own_text(reading: Reading, place: int, letter: str) -> int:
    start = place + 1 if reading.word(place) in LABEL_ENDS else place
    found, length = reading.options.begun_by(reading.words(start))
    return start + length if letter in found else place


def letters_run(reading: Reading, place: int) -> Claim | None:
    """`AC`, where nothing else is said."""
    if place >= len(reading.tokens):
        return None
    token = reading.tokens[place]
    run = reading.text[token.start : token.end]
    is_run = 1 < len(run) <= len(LETTERS) and set(run) <= set(LETTERS) and list(run) == sorted(set(run))
    is_all = reading.word(place + 1) in {"\n", ""} or reading.is_full_stop(place + 1)
    return Claim(CHOICE, frozenset(run)) if is_run and is_all else None


def text_claim(reading: Reading, place: int) -> Claim | None:
    """An option's text, alone in its line or sentence, or before a reason."""
    for start, end in pieces(reading, place):
        text = reading.text[start:end]
        found = NONE if is_only_letters(text, reading.options) else reading.options.named_by(text)
        if found:
            return Claim(CHOICE, frozenset(found))
    return None


def pieces(reading: Reading, place: int) -> list[tuple[int, int]]:
    """The line from a token on, and shorter: up to its first sentence's end, bracket, reason or ", not"."""
    if not reading.options.texts or place >= len(reading.tokens):
        return []
    line_end = reading.line_end(place)
    ends = {"line": line_end}
    for at in range(place + 1, line_end):
        word, after = reading.word(at), reading.word(at + 1)
        if word in STOPS and (reading.has_gap(at) or after == "\n" or word in {"。", "।"}):
            ends.setdefault("sentence", at)
        elif word == "(" or reading.is_bracketed(at):
            ends.setdefault("bracket", at)
        elif word in BECAUSE or (word == "," and (after in NOT or after in BECAUSE)):
            ends.setdefault("reason", at)
    start = reading.tokens[place].start
    return [(start, reading.end_before(end)) for end in sorted(set(ends.values()), reverse=True) if end > place]


def text_with_letter(reading: Reading, place: int) -> Claim | None:
    """`Mars (B)`, `Mars (option B)`: no other option's text, and no words that could deny it."""
    if reading.letter(place):
        return None
    for at in range(place, min(reading.line_end(place), place + LONGEST_NAMED)):
        word = reading.word(at)
        if any(word in kind for kind in (NOT, OR, WRONG, STOPS, UNSURE, BECAUSE)):
            return None
        if letter := reading.letter(at):
            opening = opening_bracket(reading, at)
            if opening is None:
                return None
            meant = reading.options.named_by(reading.text[reading.tokens[place].start : reading.end_before(opening)])
            return Claim(OPEN, NONE) if meant and letter not in meant else Claim(CHOICE, frozenset(letter))
    return None


def opening_bracket(reading: Reading, place: int) -> int | None:
    """The token of the bracket around a capital and at most the word "option"; None for the `(a)` of `f(a)`."""
    if reading.is_bracketed(place):
        is_capital = reading.text[reading.tokens[place].start + 1].isupper()
        return place if is_capital and reading.has_gap(place - 1) else None
    at = place - 1
    while reading.word(at) in OPTION:
        at -= 1
    return at if reading.word(at) == "(" and reading.word(place + 1) == ")" else None
