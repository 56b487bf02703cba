"""A bare answer: letters, a letter with its text, or an option's text, as the whole text, its first or its last line."""

import re
from dataclasses import dataclass

from filters.choice_claims import (
    LABEL_ENDS,
    MARKS,
    Reading,
    is_contradicted,
    is_hedged_after,
    is_only_letters,
    joined,
    letters_run,
    predicate,
)
from filters.choice_text import Options, clean, tokens_of
from filters.choice_words import AFTER, ANSWER, BECAUSE, FILL, NOT, NOT_AFTER, OPTION, OR, RIGHT, UNSURE, WRONG

ALONE, LABELLED, TEXT, NEITHER = "alone", "labelled", "text", "neither"
MOST_LINES, LONGEST_LINE = 40, 600
"""Lines that are read; characters of one that may be an answer: longer ones are prose."""
LABEL = re.compile(r"[(\[]?([A-J])\s?[)\].:,、|-]")
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
    lines = [line for line in clean(text).split("\n") if line.strip()]
    if not lines:
        return frozenset()
    lines = [*lines[:MOST_LINES], *lines[MOST_LINES:][-1:]]
    if first := line_of(lines[0], options):
        read = [first, *(line_of(line, options) for line in lines[1:])]
        names = [line.letters for line in read if line and line.kind in {first.kind, ALONE}]
        names += [label(line) for line in lines if first.kind != ALONE]
        if all(not name or name == first.letters for name in names):
            return first.letters
        is_list = all(line and line.kind == first.kind for line in read)
        return frozenset().union(*(line.letters for line in read if line)) if is_list else frozenset()
    last = line_of(lines[-1], options)
    if not last or last.kind not in {ALONE, LABELLED} or any(label(line) for line in lines[:-1]):
        return frozenset()
    before = line_of(lines[-2], options) if len(lines) > 1 else None
    return frozenset() if before and before.kind == ALONE else last.letters


def label(line: str) -> frozenset[str]:
    """The letter a line begins with, as in a list of options."""
    found = LABEL.match(line)
    return frozenset(found.group(1)) if found else frozenset()


def line_of(line: str, options: Options) -> Line | None:
    if len(line) > LONGEST_LINE:
        return None
    reading = Reading(line, tokens_of(line), options)
    meant = options.named_by(line)
    if meant and not is_only_letters(line, options):
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
