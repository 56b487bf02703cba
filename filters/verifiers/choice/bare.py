"""A bare answer: letters, a letter with its text, or an option's text, as the whole, its first or its last line."""

import re
from dataclasses import dataclass

from filters.verifiers.choice.claims import NONE, joined, letters_run
from filters.verifiers.choice.reading import LABEL_ENDS, MARKS, Options, Reading, is_only_letters
from filters.verifiers.choice.remarks import is_contradicted, is_open, predicate
from filters.verifiers.choice.text import LETTERS, clean, tokens_of
from filters.verifiers.choice.words import (
    AFTER,
    ANSWER,
    BECAUSE,
    FILL,
    NOT,
    NOT_AFTER,
    OPTION,
    OR,
    RIGHT,
    UNSURE,
    WRONG,
)

ALONE, LABELLED, TEXT, NEITHER = "alone", "labelled", "text", "neither"
MOST_LINES, LONGEST_LINE = 40, 600
"""Lines that are read; characters of one that may be an answer: longer ones are prose."""
# "B) Mars"
LABEL = re.compile(r"[(\[]?([A-J])\s?[)\].:,、|-]")
UNFINISHED = {"?", "...", "…"}
OPENINGS = {",", ":", "[", "{", "\\", "*", "【"}
CLOSINGS = (MARKS | AFTER | OPTION | {"\\", "}"}) - UNFINISHED
UNSETTLING = (WRONG | NOT | NOT_AFTER | OR | UNSURE | {"?"}) - {"of"}


@dataclass(frozen=True)
class Line:
    kind: str
    """alone: letters only; labelled: a letter with a text; text: an option's; neither: a hedge or contradiction."""
    letters: frozenset[str]


def bare_answer(text: str, options: Options) -> frozenset[str]:
    """The letters of the first line, unless it begins a list of options; else of the last, if they are all of it."""
    lines = [line for line in clean(text).split("\n") if line.strip()]
    lines = [*lines[:MOST_LINES], *lines[MOST_LINES:][-1:]]
    if not lines:
        return NONE
    if first := line_of(lines[0], options):
        return of_first(first, lines, [line_of(line, options) for line in lines[1:]])
    last = line_of(lines[-1], options)
    if not last or last.kind not in {ALONE, LABELLED} or any(label(line) for line in lines[:-1]):
        return NONE
    before = line_of(lines[-2], options)
    return NONE if before and before.kind == ALONE else last.letters


def of_first(first: Line, lines: list[str], others: list[Line | None]) -> frozenset[str]:
    """The first line's letters; all of a list in which each line is like the first; none beside other letters."""
    names = [line.letters for line in others if line and line.kind in {first.kind, ALONE}]
    if first.kind != ALONE:
        names += [name for line in lines if (name := label(line))]
    if all(name == first.letters for name in names):
        return first.letters
    listed = [line.letters for line in others if line and line.kind == first.kind]
    return first.letters.union(*listed) if len(listed) == len(others) else NONE


def label(line: str) -> frozenset[str]:
    """The letter a line begins with, as in a list of options."""
    found = LABEL.match(line)
    return frozenset(found.group(1)) if found else NONE


def line_of(line: str, options: Options) -> Line | None:
    if len(line) > LONGEST_LINE:
        return None
    reading = Reading(line, tokens_of(line), options)
    meant = NONE if is_only_letters(line, options) else options.named_by(line)
    if meant:
        return Line(TEXT, frozenset(meant))
    if all(token.letter and token.end - token.start == 1 for token in reading.tokens):  # "A C"
        return Line(ALONE, frozenset(token.letter for token in reading.tokens))
    place = 0
    while any(reading.word(place) in kind for kind in (OPENINGS, OPTION, ANSWER, FILL, RIGHT)):
        if reading.letter(place) or reading.is_lone(place):
            break
        place += 1
    if run := letters_run(reading, place):
        return Line(ALONE, run.letters)
    if reading.letter(place) or reading.is_lone(place):
        return labelled(reading, place)
    word = reading.word(place)
    is_small = len(word) == 1 and word.upper() in LETTERS and reading.word(place + 1) in {".", ":"}
    found = labelled(reading, place) if is_small else None  # "b. Mars"
    return found if found and joined(reading, place)[1] > place + 1 else None


def labelled(reading: Reading, place: int) -> Line | None:
    """Letters, and after a single one its text, another text in its place, or a reason."""
    letters, end, is_hedged = joined(reading, place)
    is_single, has_text = len(letters) == 1, end > place + 1
    if is_hedged or (is_single and is_contradicted(reading, end, letters[0])):
        return Line(NEITHER, NONE)
    rest = reading.words(end)
    if all(word in CLOSINGS for word in rest):
        return Line(LABELLED if is_single and has_text else ALONE, frozenset(letters))
    if is_open(reading, end):
        return Line(NEITHER, NONE)
    is_unsettled = any(word in UNSETTLING for word in rest) or any(token.letter for token in reading.tokens[end:])
    if not is_single or is_unsettled or predicate(reading, end)[0] == "wrong":
        return None
    is_reasoned = rest[0] in BECAUSE or (rest[0] in {",", "."} and len(rest) > 1 and rest[1] in BECAUSE)
    is_known = letters[0] in reading.options.texts
    is_label = reading.is_bracketed(place) or rest[0] == ")" or (rest[0] in LABEL_ENDS - {","} and not is_known)
    return Line(LABELLED, frozenset(letters)) if has_text or is_reasoned or is_label else None
