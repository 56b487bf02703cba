"""What a text says at one place: letters joined into a claim, what is said of them, or the text of an option."""

from dataclasses import dataclass

from filters.choice_text import LETTERS, Options, Token, clean, tokens_of
from filters.choice_words import (
    AFTER,
    AND,
    ANSWER,
    BECAUSE,
    CHOSEN,
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
    words,
)

CHOICE, DENIAL, OPEN = "choice", "denial", "open"
STOPS = {"\n", ".", "!", "?", "。", "।", ";", ""}
MARKS = STOPS | {",", ":", "-", ")", "]", "(", "【", "】", "|", "…", "...", "<", "*", "、", "،", "→"}
"""What may follow a letter or an option's text."""
LABEL_ENDS = {")", ".", ":", "-", ",", "、", "]", "|"}
OPERATORS = {"=", "+", "<", ">", "^", "*", "_", "%", "±"}
AFTER_RIGHT = words(
    "because since as given so but where while whereas considering based according due porque ya car weil da omdat потому perché 因为"
)
LONGEST_PREDICATE, LONGEST_JOINT, LONGEST_NAMED, LONGEST_LINE = 12, 5, 20, 80
"""In tokens."""


@dataclass(frozen=True, slots=True)
class Claim:
    kind: str
    """choice; denial ("not B", "B is wrong"); open (a hedge, a contradiction: commits to none)."""
    letters: frozenset[str]
    is_firm: bool = True
    """Says what the answer is, not only what is correct, which every true option may be."""
    end: int = 0


@dataclass(frozen=True)
class Reading:
    text: str
    """As `clean` leaves it."""
    tokens: list[Token]
    options: Options

    def word(self, place: int) -> str:
        return self.tokens[place].word if 0 <= place < len(self.tokens) else ""

    def letter(self, place: int) -> str:
        return self.tokens[place].letter if 0 <= place < len(self.tokens) else ""

    def is_bracketed(self, place: int) -> bool:
        return 0 <= place < len(self.tokens) and self.tokens[place].is_bracketed

    def words(self, start: int) -> list[str]:
        return [token.word for token in self.tokens[start : start + LONGEST_LINE]]

    def is_lone(self, place: int) -> bool:
        """A small letter with nothing behind it in its sentence."""
        word, after = self.word(place), self.word(place + 1)
        if len(word) != 1 or word.upper() not in LETTERS:
            return False
        return after in {"\n", ""} or self.is_full_stop(place + 1) or (after == "." and word not in "ai" and self.has_gap(place + 1))

    def has_gap(self, place: int) -> bool:
        """Whether white space follows."""
        return place + 1 >= len(self.tokens) or self.tokens[place + 1].start > self.tokens[place].end

    def is_full_stop(self, place: int) -> bool:
        """Not the point of an abbreviation or a label: the line ends there or a new word begins."""
        return self.word(place) in {".", "!", "。", "।", ")"} and self.word(place + 1) in {"\n", "", ".", "!"}

    def line_end(self, start: int) -> int:
        for place in range(start, min(len(self.tokens), start + LONGEST_LINE)):
            if self.tokens[place].word == "\n":
                return place
        return min(len(self.tokens), start + LONGEST_LINE)


def reading_of(text: str, options: Options) -> Reading:
    cleaned = clean(text)
    return Reading(cleaned, tokens_of(cleaned), options)


def is_latin(word: str) -> bool:
    return word[:1].isalpha() and word[:1] < "\u0250"


def claim_at(reading: Reading, place: int, is_announced: bool = True) -> Claim | None:
    """What is said at a token, if anything. Announced: after "the answer is", so that what follows is another matter."""
    if claim := text_with_letter(reading, place) or text_claim(reading, place) or letters_run(reading, place):
        return claim
    if not reading.letter(place) and not reading.is_lone(place):
        return None
    letters, end, is_hedged = joined(reading, place)
    if is_hedged:
        return Claim(OPEN, frozenset())
    verdict, _ = predicate(reading, end)
    if verdict and is_announced and len(letters) > 1:  # "the answer is A, B is wrong"
        return Claim(CHOICE, frozenset(letters[:-1]), end=end)
    if verdict:
        return Claim(DENIAL if verdict == "wrong" else CHOICE, frozenset(letters), end=end)
    return closed(reading, letters, end, place)


def closed(reading: Reading, letters: list[str], end: int, place: int) -> Claim | None:
    """The claim, unless what follows makes it something else."""
    chosen = Claim(CHOICE, frozenset(letters), end=end)
    while reading.word(end) in OPTION or reading.word(end) in AFTER:
        end += 1
    word, before = reading.word(end), reading.word(end - 1)
    is_conditional = word in SUPPOSED or (word == "," and reading.word(end + 1) in IF)
    if word == "?" or is_conditional or is_hedged_after(reading, end):
        return Claim(OPEN, frozenset())
    if len(letters) == 1 and is_contradicted(reading, end, letters[0]):
        return Claim(OPEN, frozenset())
    if is_disowned(reading, end):
        return None
    if word in MARKS or word in BECAUSE or reading.is_bracketed(place) or before in {")", ":"}:
        return chosen
    if word in OPERATORS or word[:1] in {"\\", "{", "}"} or word[:1].isdigit() or reading.letter(end):
        return None
    own = reading.options.begun_by(reading.words(place + 1))[0] if len(letters) == 1 else set()
    if is_latin(word) and not own:
        return chosen if word in NOT else None  # "A planet", "C major"; "B not A"
    return chosen


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
    if not is_first and (word in OPTION or word in UNSURE or word in FILL):
        return not reading.letter(place)
    return (word in AND or word in OR) and not reading.letter(place)


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
    if not is_run or not (reading.word(place + 1) in {"\n", ""} or reading.is_full_stop(place + 1)):
        return None
    return Claim(CHOICE, frozenset(run), end=place + 1)


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
    line = reading.text[reading.tokens[start].start : end_of(reading, reading.line_end(start))] if start < len(reading.tokens) else ""
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


def end_of(reading: Reading, place: int) -> int:
    """Where the text before a token ends."""
    return reading.tokens[place - 1].end if place else 0


def pieces(reading: Reading, place: int) -> list[tuple[int, int]]:
    """The line from a token on, and shorter: up to its sentence's end, a bracket, a reason, ", not"."""
    if not reading.options.texts or place >= len(reading.tokens):
        return []
    line_end = reading.line_end(place)
    ends = {line_end}
    seen = set()
    for at in range(place + 1, line_end):
        word = reading.word(at)
        kind = ""
        if word in STOPS and (at + 1 == line_end or reading.tokens[at + 1].start > reading.tokens[at].end or word in {"。", "।"}):
            kind = "stop"
        elif word == "(" or reading.is_bracketed(at):
            kind = "bracket"
        elif word in BECAUSE or (word == "," and (reading.word(at + 1) in NOT or reading.word(at + 1) in BECAUSE)):
            kind = "reason"
        if kind and kind not in seen:
            seen.add(kind)
            ends.add(at)
    start = reading.tokens[place].start
    return [(start, end_of(reading, end)) for end in sorted(ends, reverse=True) if end > place]


def text_claim(reading: Reading, place: int) -> Claim | None:
    """An option's text, alone in its line or sentence, or before a reason."""
    for start, end in pieces(reading, place):
        text = reading.text[start:end]
        found = reading.options.named_by(text)
        if found and not is_only_letters(text, reading.options):
            return Claim(CHOICE, frozenset(found), end=place)
    return None


def is_only_letters(text: str, options: Options) -> bool:
    """Letters of options: they are read as such, whatever text is spelled the same."""
    tokens = [token for token in tokens_of(text) if token.letter or (token.word not in MARKS and token.word not in AND)]
    return all((token.letter or token.word.upper()) in options.texts for token in tokens)


def text_with_letter(reading: Reading, place: int) -> Claim | None:
    """`Mars (B)`, `Mars (option B)`: no other option's text, and no words that could deny it."""
    if reading.letter(place):
        return None
    for at in range(place, min(reading.line_end(place), place + LONGEST_NAMED)):
        word = reading.word(at)
        if any(word in kind for kind in (NOT, OR, WRONG, STOPS, UNSURE, BECAUSE)):
            return None
        if not reading.letter(at):
            continue
        opening = at - 1
        while reading.word(opening) in OPTION:
            opening -= 1
        is_capital = reading.is_bracketed(at) and reading.text[reading.tokens[at].start + 1].isupper() and reading.has_gap(at - 1)
        if not is_capital and not (reading.word(opening) == "(" and reading.word(at + 1) == ")"):
            return None
        end = end_of(reading, at if is_capital else opening)
        meant = reading.options.named_by(reading.text[reading.tokens[place].start : end])
        is_other = bool(meant) and reading.letter(at) not in meant
        return Claim(OPEN, frozenset()) if is_other else Claim(CHOICE, frozenset(reading.letter(at)), end=at + 1)
    return None
