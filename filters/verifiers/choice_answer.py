r"""Multiple choice: a letter, several letters, a letter with its text, or an option's text, in twenty languages.

What stands before the first `</think>` is never read, and a `<think>` that is not closed leaves no answer. Then the
first that is there decides:

1. the last top-level `\boxed{}` that is not empty; boxes with no more than "and" or a comma between them are one;
2. the last `<answer>` element, or field `"answer"` of JSON;
3. the last statement: "the answer is B", "I choose B", "so B is correct", a heading with the letter below;
4. a bare answer: letters or an option's text as the whole text or its first line, with an explanation below, or letters
   alone on the last line;
5. "B is correct" and no more, where no other letter is called so.

A hedge ("A or B"), a letter beside another option's text and a letter that is denied afterwards are no answers. Small
letters count in brackets or alone: elsewhere `a`, `e`, `i` and `o` are words. Texts of options are compared without
case, spacing and LaTeX dress, else by value where neither holds a word; a text that several have decides nothing.
"""

import re

from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from filters.verifiers.choice.bare import bare_answer
from filters.verifiers.choice.claims import NONE
from filters.verifiers.choice.reading import MARKS, Options, options_of, reading_of
from filters.verifiers.choice.remarks import is_hedged, predicate
from filters.verifiers.choice.statements import stated
from filters.verifiers.choice.text import clean, tokens_of
from filters.verifiers.choice.words import AND, NOT, OR, UNSURE
from filters.verifiers.evidence import Evidence
from filters.verifiers.extraction.boxed import boxes_with_places
from records.rows import Verdict
from records.thinking import answer_part

NAME, VERSION = "choice", "3"
HEAD, TAIL = 500, 2000
"""Characters at the beginning and the end in which statements and bare answers are looked for: what lies between is
explanation, and the bound keeps the time of a verdict near 1 ms. Boxes, elements and fields count wherever they are."""
SEAM = 300
"""Of the end, the characters in which a line's beginning is looked for to start at."""
FIRST_SENTENCES = re.compile(r".*[\n.。!?।](?=\s)", re.DOTALL)
AROUND, MOST_BOXES = 60, 10
"""Characters before and after a box that may join it to another or take it back."""
ELEMENT = re.compile(r"<(/?)answer>", re.IGNORECASE)
FIELD = re.compile(
    r"""["'](?:final_?|correct_?)?(?:answer|choice)["'][ \t\n]{0,8}:[ \t\n]{0,8}"""
    r"""(?:"([^"\n]{0,400})"|'([^'\n]{0,400})'|\[([^\[\]]{0,200})\]|([^\s,{}\[\]"']{1,100}))""",
    re.IGNORECASE,
)
Chosen = frozenset[str]


def full(evidence: Evidence) -> Verdict:
    """The reference is a letter, several (`A,C`), a letter with its text, or an option's; `extra` as for `options_of`.

    The time is bounded, so this is the quick verdict as well.
    """
    reference, options = evidence.reference, options_of(evidence.extra)
    right = reference_letters(reference.strip(), options)
    if not right:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"reference {reference[:200]!r} names no letter")
    chosen, extracted = chosen_letters(answer_part(evidence.answer), options)
    detail = "".join(sorted(chosen)) or extracted[:200]
    if chosen == right:
        return Verdict(NAME, VERSION, PASS, detail=detail)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER if chosen else NO_ANSWER, detail)


def reference_letters(reference: str, options: Options) -> Chosen:
    """Letters in any order; a lone digit may count the options, from 0 or from 1, as well as be the text of one."""
    if re.fullmatch("[A-J]{2,10}", reference):
        return frozenset(reference)
    return NONE if re.fullmatch(r"\d", reference) else bare_answer(reference[:TAIL], options)


def chosen_letters(text: str, options: Options) -> tuple[Chosen, str]:
    """The letters, and the content of the box, element or field where they stand in one."""
    boxes = [box for box in boxes_with_places(text) if box[2].strip(" .$~\\,;:")]
    if boxes:
        return boxed_answer(text, boxes, options), boxes[-1][2]
    marked = element(text) or json_field(text)
    return written_answer(marked or text, options), marked


def boxed_answer(text: str, boxes: list[tuple[int, int, str]], options: Options) -> Chosen:
    """Of the last box and those joined to it; none where the words around take it back."""
    start, end, content = boxes[-1]
    after = reading_of(text[end : end + AROUND], options)
    letters = set(written_answer(content, options))
    if is_hedged(after, 0) or predicate(after, 0)[0] == "wrong":
        return NONE
    for before, until, other in reversed(boxes[-MOST_BOXES:-1]):
        words = [token.word for token in tokens_of(clean(text[until:start][: AROUND + 1]))]
        if start - until > AROUND or not all(any(word in kind for kind in (AND, MARKS, OR, UNSURE)) for word in words):
            break
        if any(word in OR or word in UNSURE for word in words):
            return NONE
        letters |= written_answer(other, options)
        start = before
    words = [token.word for token in tokens_of(clean(text[max(0, start - AROUND) : start]))]
    return NONE if words and words[-1] in NOT else frozenset(letters)


def element(text: str) -> str:
    """Content of the last `<answer>` element that has any, closed or not."""
    tags = list(ELEMENT.finditer(text))
    found = ""
    for tag, end in zip(tags, [*(tag.start() for tag in tags[1:]), len(text)], strict=False):
        content = text[tag.end() : end].strip()
        found = content if content and not tag.group(1) else found
    return found


def json_field(text: str) -> str:
    fields = [match for match in FIELD.finditer(text) if match.group(match.lastindex or 0).strip()]
    return str(fields[-1].group(fields[-1].lastindex or 0)).replace("\\\\", "\\") if fields else ""


def written_answer(text: str, options: Options) -> Chosen:
    """Of the last statement, else a bare answer, else "B is correct"."""
    parts = parts_of(text)
    statements = [found for part in parts if (found := stated(reading_of(part, options)))]
    firm = [found.letters for found in statements if found.is_firm]
    if firm:
        return firm[0]
    bare = bare_answer("\n…\n".join(reversed(parts)), options)
    return bare or (statements[0].letters if statements else NONE)


def parts_of(text: str) -> list[str]:
    """The end and the beginning, cut where a line or sentence ends; the whole where it is no longer than both."""
    if len(text) <= HEAD + TAIL:
        return [text]
    tail, head = text[-TAIL:], FIRST_SENTENCES.match(text[:HEAD])
    return [tail[tail.find("\n", 0, SEAM) + 1 :], head.group() if head else ""]
