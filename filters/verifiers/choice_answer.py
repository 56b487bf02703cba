r"""Verifies multiple choice: a letter, several letters, a letter with its text, or an option's text, in 22 languages.

Text before the first `</think>` is never read, and a `<think>` that is not closed leaves no answer. The first of these
that is present decides:

1. the last top-level `\boxed{}` that is not empty; boxes joined by "and" or a comma count as one, and a statement
   behind it ("so the answer is C") overrides it;
2. the last `<answer>` element, or the last `"answer"` field of JSON;
3. the last statement: "the answer is B", "I choose B", "so B is correct", a heading with the letter below;
4. a bare answer: letters or an option's text as the whole text or its first line, with an explanation below, or letters
   alone on the last line;
5. "B is correct" by itself, if no other letter is called correct.

A hedge ("A or B"), a letter beside another option's text and a letter that is denied afterwards are no answers. Small
letters count in brackets or alone: elsewhere `a`, `e`, `i` and `o` are words. Options' texts are compared without case,
spacing and LaTeX markup, and by value if neither side holds a word; a text that several options share decides nothing.
"""

import re

from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from filters.verifiers.choice.bare import UNSETTLING, bare_answer
from filters.verifiers.choice.claims import NONE
from filters.verifiers.choice.reading import MARKS, Options, options_of, reading_of
from filters.verifiers.choice.remarks import is_hedged, predicate
from filters.verifiers.choice.statements import stated
from filters.verifiers.choice.text import clean, tokens_of
from filters.verifiers.choice.words import AND, NOT, OR, UNSURE
from filters.verifiers.evidence import Evidence
from filters.verifiers.extraction.boxed import boxes_with_places, restored
from filters.verifiers.extraction.closing_words import before_next_turn
from filters.verifiers.extraction.final_answer import ASKED, LONGEST_REST
from filters.verifiers.extraction.retraction import (
    is_called_wrong,
    is_corrected,
    is_denied,
    is_marked_wrong,
    is_retracted,
)
from filters.verifiers.extraction.struck import without_struck
from filters.verifiers.lettered import with_its_text
from filters.verifiers.mathematics.equivalence import spelled
from records.rows import Verdict
from records.thinking import answer_part

NAME, VERSION = "choice", "10"
HEAD, TAIL = 500, 2000
"""Characters at the beginning and the end in which statements and bare answers are searched: between them lies
explanation, and the bound keeps a verdict near 1 ms. Boxes, elements and fields count wherever they stand."""
SEAM = 300
"""Characters of the end in which the search looks for the beginning of a line to start at."""
FIRST_SENTENCES = re.compile(r".*[\n.。!?।](?=\s)", re.DOTALL)
AROUND, MOST_BOXES = 60, 10
"""Characters before and after a box that may join it to another box or take it back, and the number of boxes read."""
ELEMENT = re.compile(r"<(/?)answer>", re.IGNORECASE)
FIELD = re.compile(
    r"""["'](?:final_?|correct_?)?(?:answer|choice)["'][ \t\n]{0,8}:[ \t\n]{0,8}"""
    r"""(?:"([^"\n]{0,400})"|'([^'\n]{0,400})'|\[([^\[\]]{0,200})\]|([^\s,{}\[\]"']{1,100}))""",
    re.IGNORECASE,
)
Chosen = frozenset[str]


def full(evidence: Evidence) -> Verdict:
    """Compare the answer's letters with the reference's: a letter, several (`A,C`), a letter with its text, or an
    option's text. `extra` is as in `options_of`.

    The time is bounded, so this serves as the quick verdict as well.
    """
    options = options_of(evidence.extra)
    right = reference_letters(evidence.reference.strip(), options)
    chosen, extracted = chosen_letters(before_next_turn(answer_part(evidence.answer)), options)
    read = "".join(sorted(chosen)) or extracted
    if not right:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, extracted=read)
    if chosen == right:
        return Verdict(NAME, VERSION, PASS, extracted=read)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER if chosen else NO_ANSWER, extracted=read)


def reference_letters(reference: str, options: Options) -> Chosen:
    """Return the reference's letters, in any order. A lone digit names none: it could count the options from 0 or
    from 1, or be the text of one."""
    if re.fullmatch("[A-J]{2,10}", reference):
        return frozenset(reference)
    return NONE if re.fullmatch(r"\d", reference) else bare_answer(reference[:TAIL], options)


def chosen_letters(text: str, options: Options) -> tuple[Chosen, str]:
    """Return the letters, and the content of the box, element or field in which they stand, if any."""
    text = restored(without_struck(text))
    boxes = [box for box in boxes_with_places(text) if box[2].strip(" .$~\\,;:")]
    if boxes:
        return boxed_answer(text, boxes, options), boxes[-1][2]
    marked = element(text) or json_field(text)
    return (marked_answer(marked, options) if marked else written_answer(text, options)), marked


def marked_answer(content: str, options: Options) -> Chosen:
    """Return the letters of a box, element or field. Where the options are not known, what stands behind a letter
    may be its text though it holds another letter or a slash: `B. 12 J`, `C. 3 m/s`."""
    letters = written_answer(content, options)
    if letters or options.texts or len(content) > TAIL:
        return letters
    tokens = tokens_of(clean(content))
    has_text = any(not token.letter and token.word not in MARKS for token in tokens)
    is_unsettled = any(token.word in UNSETTLING and token.word != "/" for token in tokens)
    return with_its_text(spelled(content)) if has_text and not is_unsettled else NONE


def boxed_answer(text: str, boxes: list[tuple[int, int, str]], options: Options) -> Chosen:
    """Return the letters of the last box and of those joined to it; none if the words around take them back."""
    start, end, content = boxes[-1]
    after = reading_of(text[end : end + AROUND], options)
    letters = set(marked_answer(content, options))
    is_wrong = predicate(after, 0)[0] == "wrong" or is_called_wrong(text[end:]) or is_marked_wrong(text[end:])
    if is_wrong or is_denied(text[:start]) or is_hedged(after, 0) or is_corrected(text[end:]):
        return NONE
    if later := stated_behind(text[end:], options):
        return later
    for before, until, other in reversed(boxes[-MOST_BOXES:-1]):
        words = [token.word for token in tokens_of(clean(text[until:start][: AROUND + 1]))]
        if start - until > AROUND or not all(any(word in kind for kind in (AND, MARKS, OR, UNSURE)) for word in words):
            break
        if any(word in OR or word in UNSURE for word in words):
            return NONE
        letters |= marked_answer(other, options)
        start = before
    if not letters and not options.texts:
        letters = set(announced_beside(text[:start]))
    tokens = tokens_of(clean(text[max(0, start - AROUND) : start]))
    words, named = [token.word for token in tokens], [token.letter for token in tokens]
    if words and words[-1] in OR and named[-2:-1] and named[-2] and named[-2] not in letters:
        return NONE
    return NONE if words and words[-1] in NOT else frozenset(letters)


def stated_behind(after: str, options: Options) -> Chosen:
    """Return the letters that a statement behind the last box says are the answer; none if there is none, and if
    another problem begins there."""
    if len(after) > LONGEST_REST or ASKED.search(after):
        return NONE
    found = stated(reading_of(after, options))
    return found.letters if found and found.is_firm else NONE


def announced_beside(before: str) -> Chosen:
    """Return the letter that the last line before a box announces, where the box holds its value: "So it is B." The
    options are not known."""
    found = stated(reading_of(before.rstrip(" \n$[\\")[-AROUND:].rpartition("\n")[2], Options()))
    return found.letters if found and found.is_firm else NONE


def element(text: str) -> str:
    """Return the content of the last `<answer>` element that has any, closed or not; empty if the text behind it denies
    it."""
    tags = list(ELEMENT.finditer(text))
    found, behind = "", ""
    for tag, end in zip(tags, [*(tag.start() for tag in tags[1:]), len(text)], strict=False):
        content = text[tag.end() : end].strip()
        if content and not tag.group(1):
            found, behind = content, text[end:].removeprefix("</answer>")
    return "" if is_retracted(behind) or is_marked_wrong(behind) else found


def json_field(text: str) -> str:
    """Return the content of the last `"answer"` field of JSON that is not empty."""
    fields = [match for match in FIELD.finditer(text) if match.group(match.lastindex or 0).strip()]
    return str(fields[-1].group(fields[-1].lastindex or 0)).replace("\\\\", "\\") if fields else ""


def written_answer(text: str, options: Options) -> Chosen:
    """Return the letters of the last statement, else of a bare answer, else of "B is correct"."""
    parts = parts_of(text)
    statements = [found for part in parts if (found := stated(reading_of(part, options)))]
    firm = [found.letters for found in statements if found.is_firm]
    if firm:
        return firm[0]
    bare = bare_answer("\n…\n".join(reversed(parts)), options)
    return bare or (statements[0].letters if statements else NONE)


def parts_of(text: str) -> list[str]:
    """Return the end and the beginning, cut where a line or sentence ends; the whole text if it is no longer than
    both."""
    if len(text) <= HEAD + TAIL:
        return [text]
    tail, head = text[-TAIL:], FIRST_SENTENCES.match(text[:HEAD])
    return [tail[tail.find("\n", 0, SEAM) + 1 :], head.group() if head else ""]
