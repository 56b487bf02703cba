"""What a text says at one place: letters joined into a claim, or the text of an option."""

from dataclasses import dataclass

CHOICE, DENIAL, OPEN = "choice", "denial", "open"
OPERATORS = {"=", "+", "<", ">", "^", "*", "_", "%", "±"}
LONGEST_JOINT, LONGEST_NAMED = 5, 20
"""In tokens."""


@dataclass(frozen=True, slots=True)
class Claim:
    kind: str
    """choice; denial ("not B", "B is wrong"); open (a hedge, a contradiction: commits to none)."""
    letters: frozenset[str]
    is_firm: bool = True
    """Says what the answer is, not only what is correct, which every true option may be."""
    end: int = 0


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
    return [(start, reading.end_before(end)) for end in sorted(ends, reverse=True) if end > place]


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
        end = reading.end_before(at if is_capital else opening)
        meant = reading.options.named_by(reading.text[reading.tokens[place].start : end])
        is_other = bool(meant) and reading.letter(at) not in meant
        return Claim(OPEN, frozenset()) if is_other else Claim(CHOICE, frozenset(reading.letter(at)), end=at + 1)
    return None
