"""Finds what a text claims at one token: letters, joined or single, or the text of an option."""

from dataclasses import dataclass

from filters.verifiers.choice.reading import LABEL_ENDS, MARKS, STOPS, Reading, is_only_letters
from filters.verifiers.choice.remarks import is_contradicted, is_disowned, is_latin, is_open, predicate
from filters.verifiers.choice.text import LETTERS
from filters.verifiers.choice.words import AFTER, AND, BECAUSE, FILL, NOT, OPTION, OR, UNSURE, WRONG

CHOICE, DENIAL, OPEN = "choice", "denial", "open"
OPERATORS = {"=", "+", "<", ">", "^", "*", "_", "%", "±"}
LONGEST_JOINT, LONGEST_NAMED = 5, 20
"""Both are counts of tokens: between two joined letters, and of an option's text before its letter in brackets."""
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says about letters at one token."""

    kind: str
    """`choice`; `denial` ("not B", "B is wrong"); `open` (a hedge or a contradiction, which commits to no option)."""
    letters: frozenset[str]
    is_firm: bool = True
    """True if the claim says what the answer is. "B is correct" is not firm: every true option may be called
    correct."""


def claim_at(reading: Reading, index: int) -> Claim | None:
    """Return the claim that begins at a token, if any."""
    if claim := text_with_letter(reading, index) or text_claim(reading, index) or letters_run(reading, index):
        return claim
    if not reading.letter(index) and not reading.is_lone(index):
        return None
    letters, end, is_hedged = joined(reading, index)
    verdict, _ = predicate(reading, end)
    if is_hedged:
        return Claim(OPEN, NONE)
    if verdict and len(letters) > 1:  # "the answer is A, B is wrong"
        return Claim(CHOICE, frozenset(letters[:-1]))
    if verdict:
        return Claim(DENIAL if verdict == "wrong" else CHOICE, frozenset(letters))
    return closed(reading, letters, end, index)


def closed(reading: Reading, letters: list[str], end: int, index: int) -> Claim | None:
    """Return the choice of these letters. The words after them may leave it open instead (a hedge, another option's
    text) or show that nothing is claimed (a formula, a longer phrase)."""
    chosen = Claim(CHOICE, frozenset(letters))
    while reading.word(end) in OPTION or reading.word(end) in AFTER:
        end += 1
    if is_open(reading, end) or (len(letters) == 1 and is_contradicted(reading, end, letters[0])):
        return Claim(OPEN, NONE)
    if is_disowned(reading, end):
        return None
    word, before = reading.word(end), reading.word(end - 1)
    if word in MARKS or word in BECAUSE or reading.is_bracketed(index) or before in {")", ":"}:
        return chosen
    if word in OPERATORS or word[:1] in {"\\", "{", "}"} or word[:1].isdigit() or reading.letter(end):
        return None
    has_text = len(letters) == 1 and bool(reading.options.begun_by(reading.words(index + 1))[0])
    is_other_word = is_latin(word) and word not in NOT and not has_text  # "A planet", "C major"
    return None if is_other_word else chosen


def joined(reading: Reading, index: int) -> tuple[list[str], int, bool]:
    """Read letters joined by "and" or commas, each with or without its option's text. Return the letters, the token
    index after them, and whether an "or" or a hedge joins them."""
    letters, is_hedged = [reading.word(index).strip("([{}])").upper()], False
    end = after_own_text(reading, index + 1, letters[0])
    while True:
        after = end
        while after - end < LONGEST_JOINT and is_joint(reading, after, after == end):
            after += 1
        if after == end or not reading.letter(after):
            return letters, end, is_hedged
        is_hedged |= any(reading.word(at) in OR or reading.word(at) in UNSURE for at in range(end, after))
        letters.append(reading.letter(after))
        end = after_own_text(reading, after + 1, letters[-1])


def is_joint(reading: Reading, index: int, is_first: bool) -> bool:
    """Return True if the word may stand between two joined letters; only "and" or "or" may come first."""
    word = reading.word(index)
    if reading.letter(index):
        return False
    return word in AND or word in OR or (not is_first and (word in OPTION or word in UNSURE or word in FILL))


def after_own_text(reading: Reading, index: int, letter: str) -> int:
    """Return the index after the text of the letter's option, or the same index if another text follows."""
    start = index + 1 if reading.word(index) in LABEL_ENDS else index
    found, length = reading.options.begun_by(reading.words(start))
    return start + length if letter in found else index


def letters_run(reading: Reading, index: int) -> Claim | None:
    """Read letters written together, such as `AC`, if nothing else follows on the line."""
    if index >= len(reading.tokens):
        return None
    token = reading.tokens[index]
    run = reading.text[token.start : token.end]
    is_run = 1 < len(run) <= len(LETTERS) and set(run) <= set(LETTERS) and list(run) == sorted(set(run))
    is_all = reading.word(index + 1) in {"\n", ""} or reading.is_full_stop(index + 1)
    return Claim(CHOICE, frozenset(run)) if is_run and is_all else None


def text_claim(reading: Reading, index: int) -> Claim | None:
    """Read an option's text that stands alone in its line or sentence, or before a reason."""
    for start, end in pieces(reading, index):
        text = reading.text[start:end]
        found = NONE if is_only_letters(text, reading.options) else reading.options.named_by(text)
        if found:
            return Claim(CHOICE, frozenset(found))
    return None


def pieces(reading: Reading, index: int) -> list[tuple[int, int]]:
    """Return (start, end) positions of the line from a token on and of its shorter beginnings: up to the end of the
    first sentence, a bracket, a reason or ", not"."""
    if not reading.options.texts or index >= len(reading.tokens):
        return []
    line_end = reading.line_end(index)
    ends = {"line": line_end}
    for at in range(index + 1, line_end):
        word, after = reading.word(at), reading.word(at + 1)
        if word in STOPS and (reading.has_gap(at) or after == "\n" or word in {"。", "।"}):
            ends.setdefault("sentence", at)
        elif word == "(" or reading.is_bracketed(at):
            ends.setdefault("bracket", at)
        elif word in BECAUSE or (word == "," and (after in NOT or after in BECAUSE)):
            ends.setdefault("reason", at)
    start = reading.tokens[index].start
    return [(start, reading.end_before(end)) for end in sorted(set(ends.values()), reverse=True) if end > index]


def text_with_letter(reading: Reading, index: int) -> Claim | None:
    """Read `Mars (B)` or `Mars (option B)`. No other option's text may stand there, and no word that could deny it."""
    if reading.letter(index):
        return None
    for at in range(index, min(reading.line_end(index), index + LONGEST_NAMED)):
        word = reading.word(at)
        if any(word in kind for kind in (NOT, OR, WRONG, STOPS, UNSURE, BECAUSE)):
            return None
        if letter := reading.letter(at):
            opening = opening_bracket(reading, at)
            if opening is None:
                return None
            meant = reading.options.named_by(reading.text[reading.tokens[index].start : reading.end_before(opening)])
            return Claim(OPEN, NONE) if meant and letter not in meant else Claim(CHOICE, frozenset(letter))
    return None


def opening_bracket(reading: Reading, index: int) -> int | None:
    """Return the index of the bracket around a capital, or around "option" and a capital; None for the `(a)` of
    `f(a)`."""
    if reading.is_bracketed(index):
        is_capital = reading.text[reading.tokens[index].start + 1].isupper()
        return index if is_capital and reading.has_gap(index - 1) else None
    at = index - 1
    while reading.word(at) in OPTION:
        at -= 1
    return at if reading.word(at) == "(" and reading.word(index + 1) == ")" else None
