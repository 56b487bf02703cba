"""Splits a text into its steps. The one splitter of the project: scorers, searches, labels and benches use it."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from records.formula_spans import Span
from records.uncut_spans import uncut_spans

# Where a piece may end: at a line's end; `…$x = 2.$ Then`; `Stop. Then`, `"Stop." Then`; `。`
END = re.compile(
    r"(?P<lines>\n(?:[^\S\n]*+\n)*+)"
    r"|(?P<mark>\.) ?(?P<formula>\$\$?|\\[)\]])(?=[^\S\n])"
    r"""|(?P<stop>[.!?])(?P<closing>["'”’)\]*_]{0,4})(?=[^\S\n])"""
    r"|(?P<wide>[。！？]|．(?!\d))[”’」』）】]{0,4}+[^\S\n]*+"
)
BLANKS = re.compile(r"[^\S\n]++")
# What a sentence begins with: a capital, a digit, a word of a script without capitals, a formula, a variable (`x = 2`),
# a bracket, bold type. No sentence begins with an operator (`5! = 120`) or a small letter (`sq. ft.`).
BEGINNING = re.compile(
    r"""["'“‘(\[*_`#]{0,4}"""
    r"(?:[^\W_a-zß-öø-ÿ]|\$|\\(?:[(\[]|begin|boxed|text|frac|sqrt)|(?!a\b)[a-z](?![a-zA-Z'’])"
    r"|[^\x00-\xff\w\s…≤≥≈×÷→⇒−·∙])"
)
# 1.  2)  **3.**  - 4.  Step 5.  iv.  A.
NUMBER = re.compile(
    r"\s*[#>*_(\-\s]{0,8}(?:(?:Step|Case|Part|Question|Option)\s)?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)][*_]{0,3}\s*"
)
WORD = re.compile(r"[A-Za-z.]{1,8}$")
ABBREVIATIONS = {
    *("e.g", "i.e", "cf", "vs", "viz", "incl", "approx", "resp", "dr", "mr", "mrs", "ms", "prof", "st"),
    *("w.r.t", "w.l.o.g", "s.t", "i.i.d", "thm", "prop", "lem", "cor", "def", "assn"),
}
"""Never end a sentence."""
BEFORE_NUMBERS = {"no", "nos", "eq", "eqs", "fig", "figs", "p", "pp", "sec", "ch", "vol", "ex", "art", "nr"}
"""Do not end a sentence before a number or a bracket: `No. 5`, `Eq. (3)`."""
LONGEST_NUMBER = 24


def split_steps(text: str) -> list[str]:
    """Return the steps of a text: its lines, a line of several sentences cut into them.

    The pieces joined are the text, character for character: white space stands at the end of the step before it, so a
    prefix of the steps is a prefix of the text, and splits into the same steps. A formula, a display, a fenced code
    block and a table are never cut. A piece without a letter or digit (`---`) belongs to the step before it, a number
    by itself (`1.`) to the step that it numbers. An empty text has no steps. Linear in the text's length.
    """
    cuts: list[int] = []
    start = 0
    held = False  # the last piece is incomplete: it has no word yet, or is only a number
    for end in [*ends(text), len(text)]:
        piece = text[start:end]
        is_empty = not any(map(str.isalnum, piece))
        if cuts and (held or is_empty):
            cuts[-1] = end
            held = held and is_empty
        elif piece:
            cuts.append(end)
            held = is_empty or is_number(piece)
        start = end
    return [text[begin:end] for begin, end in pairwise([0, *cuts])]


def ends(text: str) -> Iterator[int]:
    """Yield where a step ends, in order."""
    spans = uncut_spans(text)
    starts = [start for start, _ in spans]
    begin = 0
    for match in END.finditer(text):
        span = around(spans, starts, match.start())
        if match["formula"] and (span is None or span[1] != match.end()):
            stop, after = match.start(), match.start() + 1  # `Stop. $ x $`: the sentence ends before the formula
        else:
            stop, after = match.start(), match.end()
            if match["formula"]:
                span = None
        if span:
            continue
        if match["lines"] or match["wide"]:
            begin = match.end()
            yield begin
        elif (gap := BLANKS.match(text, after)) and ends_sentence(text, begin, stop, gap.end()):
            begin = gap.end()
            yield begin


def around(spans: list[Span], starts: list[int], place: int) -> Span | None:
    """Return the span that holds a place."""
    index = bisect_right(starts, place) - 1
    return spans[index] if index >= 0 and place < spans[index][1] else None


def ends_sentence(text: str, begin: int, stop: int, following: int) -> bool:
    """Say whether the mark at `stop` ends the sentence that began at `begin`, if the next word is at `following`."""
    if not BEGINNING.match(text, following):
        return False
    if text[stop] != ".":
        return True
    if text[stop - 1 : stop] in (".", "…") or text[stop + 1 : stop + 2] == ".":
        return False
    if stop - begin < LONGEST_NUMBER and is_number(text[begin:following]):
        return False
    found = WORD.search(text[max(stop - LONGEST_NUMBER, begin) : stop])
    word = found[0].lower() if found else ""
    return word not in ABBREVIATIONS and not (word in BEFORE_NUMBERS and text[following] in "0123456789($[")


def is_number(piece: str) -> bool:
    return len(piece) < 2 * LONGEST_NUMBER and NUMBER.fullmatch(piece) is not None
