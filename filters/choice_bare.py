"""A bare answer: letters, a letter with its text, or an option's text, as the whole text, its first or its last line."""

from dataclasses import dataclass

from filters.choice_claims import LABEL_ENDS, MARKS, Reading, is_contradicted, is_hedged_after, joined, letters_run, predicate, reading_of
from filters.choice_claims import is_only_letters
from filters.choice_text import Options, clean
from filters.choice_words import AFTER, ANSWER, BECAUSE, FILL, NOT, NOT_AFTER, OPTION, OR, RIGHT, UNSURE, WRONG

ALONE, LABELLED, TEXT, NEITHER = "alone", "labelled", "text", "neither"
UNFINISHED = {"?", "...", "…"}
OPENINGS = {",", ":", "[", "{", "\\", "*", "【"}
CLOSINGS = (MARKS | AFTER | OPTION | {"\\", "}"}) - UNFINISHED
UNSETTLING = (WRONG | NOT | NOT_AFTER | OR | UNSURE | {"?"}) - {"of"}


@dataclass(frozen=True)
class Line:
    kind: str
    """alone: letters only; labelled: a letter with a text; text: an option's text; neither: a hedge or a contradiction."""
    letters: frozenset[str]


def bare_answer(text: str, options: Options) -> frozenset[str]:
    """The letters of the first line, unless it begins a list of options; else of the last, where letters stand there alone."""
    readings = [reading_of(line, options) for line in clean(text).split("\n") if line.strip()]
    lines = [line_of(reading) for reading in readings]
    if not lines:
        return frozenset()
    first, last = lines[0], lines[-1]
    if first:
        names = [label(reading) for reading in readings[1:]] if first.kind != ALONE else []
        names += [line.letters for line in lines[1:] if line and line.kind in {first.kind, ALONE}]
        if all(not name or name == first.letters for name in names):
            return first.letters
        return frozenset().union(*(line.letters for line in lines if line)) if all(line and line.kind == first.kind for line in lines) else frozenset()
    if not last or last.kind not in {ALONE, LABELLED}:
        return frozenset()
    is_listed = any(label(reading) for reading in readings[:-1]) or (lines[-2] is not None and lines[-2].kind == ALONE)
    return frozenset() if is_listed else last.letters


def label(reading: Reading) -> frozenset[str]:
    """The letter a line begins with, as in a list of options."""
    if reading.letter(0) and (reading.is_bracketed(0) or reading.word(1) in LABEL_ENDS):
        return frozenset(reading.letter(0))
    return frozenset()


def line_of(reading: Reading) -> Line | None:
    meant = reading.options.named_by(reading.text)
    if meant and not is_only_letters(reading.text, reading.options):
        return Line(TEXT, frozenset(meant))
    place = 0
    while (word := reading.word(place)) in OPENINGS or word in OPTION or word in ANSWER or word in FILL or word in RIGHT:
        if reading.letter(place) or reading.is_lone(place):
            break
        place += 1
    if run := letters_run(reading, place):
        return Line(ALONE, run.letters)
    if all(token.letter and token.end - token.start == 1 for token in reading.tokens):
        return Line(ALONE, frozenset(token.letter for token in reading.tokens))
    is_small = not reading.letter(place) and len(word) == 1 and word in "abcdefghij" and reading.word(place + 1) in {".", ":"}
    if not reading.letter(place) and not reading.is_lone(place) and not is_small:
        return None
    letters, end, is_hedged = joined(reading, place)
    if is_hedged or is_hedged_after(reading, end) or (len(letters) == 1 and is_contradicted(reading, end, letters[0])):
        return Line(NEITHER, frozenset())
    if predicate(reading, end)[0] == "wrong":
        return None
    chosen = frozenset(letters)
    rest = reading.words(end)
    if all(word in CLOSINGS for word in rest):
        return Line(ALONE if end == place + 1 or len(letters) > 1 else LABELLED, chosen)
    if len(letters) > 1 or any(word in UNSETTLING for word in rest) or any(reading.letter(at) for at in range(end, len(reading.tokens))):
        return None
    has_text = end > place + 1
    if is_small and not has_text:
        return None
    is_reasoned = rest[0] in BECAUSE or (rest[0] in {",", "."} and rest[1:2] and rest[1] in BECAUSE)
    is_label = reading.is_bracketed(place) or rest[0] in LABEL_ENDS - {","}
    return Line(LABELLED, chosen) if has_text or is_reasoned or is_label else None
