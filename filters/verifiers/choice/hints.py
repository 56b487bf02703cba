"""Reads claims made after the letter: "B is correct", "B is the answer", "B is wrong"."""

from filters.verifiers.choice.claims import CHOICE, DENIAL, NONE, OPEN, Claim, joined
from filters.verifiers.choice.reading import MARKS, Reading
from filters.verifiers.choice.remarks import BREAKS, is_latin, is_supposed, predicate
from filters.verifiers.choice.words import AND, ANSWER, CONCLUSION, FILL, IS, NOT, OPTION, OR, RIGHT

LONGEST_TEXT = 10
"""Tokens of an option's text, if the options are unknown."""


def called_right(reading: Reading, index: int) -> Claim | None:
    """Return what is said of the letters that begin at this token, if anything."""
    before = reading.word(index - 1)
    if is_latin(before) and not any(before in kind for kind in (OPTION, ANSWER, FILL, AND, RIGHT, BREAKS)):
        return None  # "vitamin B is correct"
    if follows_letter(reading, index) or is_supposed(reading, index):
        return None
    letters, end, is_hedged = joined(reading, index)
    verdict, is_answer = predicate(reading, end + (reading.word(end) == ")"))
    if not verdict and not reading.options.texts and (reading.word(end) in {")", ":"} or reading.is_bracketed(index)):
        verdict, is_answer = predicate(reading, next_copula(reading, end + 1))  # after a text of unknown length
    if not verdict:
        return None
    if verdict == "wrong":
        return Claim(DENIAL, frozenset(letters), is_firm=False)
    is_firm = is_answer or is_concluded(reading, index)
    return Claim(OPEN, NONE, is_firm) if is_hedged else Claim(CHOICE, frozenset(letters), is_firm)


def follows_letter(reading: Reading, index: int) -> bool:
    """Return True if an earlier letter is joined to this one, as in "A and C are correct"."""
    is_joined = False
    for at in range(index - 1, index - 5, -1):
        word = reading.word(at)
        if reading.letter(at):
            return is_joined
        is_joined |= word in AND or word in OR
        if word not in AND and word not in OR and word not in OPTION:
            break
    return False


def next_copula(reading: Reading, index: int) -> int:
    """Return the index of the next "is" within an option's text, or the end if there is none."""
    for at in range(index, index + LONGEST_TEXT):
        word = reading.word(at)
        if word in IS:
            return at
        if reading.letter(at) or word in MARKS or word in NOT or word in OR:
            break
    return len(reading.tokens)


def is_concluded(reading: Reading, index: int) -> bool:
    """Return True if a word of conclusion stands before the letter, as in "Therefore, option B"."""
    at = index - 1
    while (word := reading.word(at)) == "," or word in OPTION or word in FILL:
        if word in CONCLUSION:
            return True
        at -= 1
    return False
