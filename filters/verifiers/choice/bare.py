"""Reads a bare answer: letters, a letter with its text, or an option's text, as the whole text, its first or its
last line."""

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
LONGEST_WITH_TEXT = 240
"""Bounds on the lines that are read and on the characters of one; a longer line is prose, not an answer."""
# "B) Mars"
LABEL = re.compile(r"[(\[]?([A-J])\s?[)\].:,、|-]")
# "D\left(\frac{\sqrt{65}}{2}\right)"
WITH_TEXT = re.compile(
    r"\(?([A-J])\)?[ .:]{0,3}(?:(?:\\left\s?)?\\?[({\[]\s?(.{1,200}?)\s?(?:\\right\s?)?\\?[)}\]]|(?<=[ .:)])([^\s(].{0,200}))[ .]?"
)
# "Other options:"
OTHERS = re.compile(
    r"(?i)\W{0,6}(?:why\s)?(?:are\s)?(?:the\s)?(?:other|remaining|incorrect|wrong)\s(?:options|choices|answers|alternatives)\b"
    r"|\W{0,6}(?:why not|why the others)|\W{0,6}(?:其他|其余)(?:选项|選項)|\W{0,6}(?:অন্যান্য|অন্য|বাকি) (?:বিকল্প|অপশন)|\W{0,6}अन्य विकल्प"
    r"|\W{0,6}(?:las )?otras opciones|\W{0,6}(?:les )?autres (?:options|propositions|choix)|\W{0,6}(?:as )?outras (?:opções|alternativas)"
    r"|\W{0,6}andere (?:optionen|antworten)|\W{0,6}другие варианты|\W{0,6}الخيارات الأخرى"
)
"""The heading of a list of the options that were not chosen."""
UNFINISHED = {"?", "...", "…"}
OPENINGS = {",", ":", "[", "{", "\\", "*", "【"}
CLOSINGS = (MARKS | AFTER | OPTION | {"\\", "}"}) - UNFINISHED
UNSETTLING = (WRONG | NOT | NOT_AFTER | OR | UNSURE | {"?"}) - {"of"}


@dataclass(frozen=True)
class Line:
    """What one line of a text answers."""

    kind: str
    """`alone`: only letters; `labelled`: a letter with a text; `text`: an option's text; `neither`: a hedge or a
    contradiction."""
    letters: frozenset[str]


def bare_answer(text: str, options: Options) -> frozenset[str]:
    """Return the letters of the first line, unless it begins a list of options; else those of a last line that holds
    nothing more."""
    lines = [line for line in clean(text).split("\n") if line.strip()]
    lines = [*lines[:MOST_LINES], *lines[MOST_LINES:][-1:]]
    lines = lines[: next((at for at, line in enumerate(lines) if at and OTHERS.match(line)), len(lines))]
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
    """Return the first line's letters. If every line is like the first, return the letters of all lines: they are a
    list of answers. Return none if the text names other letters besides."""
    names = [line.letters for line in others if line and line.kind in {first.kind, ALONE}]
    if first.kind != ALONE:
        names += [name for line in lines if (name := label(line))]
    if all(name == first.letters for name in names):
        return first.letters
    listed = [line.letters for line in others if line and line.kind == first.kind]
    return first.letters.union(*listed) if len(listed) == len(others) else NONE


def label(line: str) -> frozenset[str]:
    """Return the letter that a line begins with, as in a list of options."""
    found = LABEL.match(line)
    return frozenset(found.group(1)) if found else NONE


def line_of(line: str, options: Options) -> Line | None:
    """Read a line as an answer; None if it is prose or too long."""
    if len(line) > LONGEST_LINE:
        return None
    reading = Reading(line, tokens_of(line), options)
    meant = NONE if is_only_letters(line, options) else options.named_by(line)
    if meant:
        return Line(TEXT, frozenset(meant))
    if all(token.letter and token.end - token.start == 1 for token in reading.tokens):  # "A C"
        return Line(ALONE, frozenset(token.letter for token in reading.tokens))
    if found := with_own_text(line, options):
        return found
    index = 0
    while any(reading.word(index) in kind for kind in (OPENINGS, OPTION, ANSWER, FILL, RIGHT)):
        if reading.letter(index) or reading.is_lone(index):
            break
        index += 1
    if run := letters_run(reading, index):
        return Line(ALONE, run.letters)
    if reading.letter(index) or reading.is_lone(index):
        return labelled(reading, index)
    word = reading.word(index)
    is_small = len(word) == 1 and word.upper() in LETTERS and reading.word(index + 1) in {".", ":"}
    found = labelled(reading, index) if is_small else None  # "b. Mars"
    return found if found and joined(reading, index)[1] > index + 1 else None


def with_own_text(line: str, options: Options) -> Line | None:
    """Read a letter with a text in brackets, or by its value: `D (6)`. The text must be the letter's own where the
    options are known, and may name no letter where they are not."""
    match = WITH_TEXT.fullmatch(line) if len(line) <= LONGEST_WITH_TEXT else None
    if not match:
        return None
    letter, text = match.group(1), match.group(2) or match.group(3)
    if options.texts:
        meant = options.named_by(text)
        is_own = letter in meant
        return Line(LABELLED if is_own else NEITHER, frozenset(letter) if is_own else NONE) if meant else None
    is_plain = match.group(2) and not any(token.letter or token.word in UNSETTLING for token in tokens_of(text))
    return Line(LABELLED, frozenset(letter)) if is_plain else None


def labelled(reading: Reading, index: int) -> Line | None:
    """Read letters from a token on. A single letter may be followed by its text, by another text that stands in for
    it, or by a reason."""
    letters, end, is_hedged = joined(reading, index)
    is_single, has_text = len(letters) == 1, end > index + 1
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
    is_label = reading.is_bracketed(index) or rest[0] == ")" or (rest[0] in LABEL_ENDS - {","} and not is_known)
    return Line(LABELLED, frozenset(letters)) if has_text or is_reasoned or is_label else None
