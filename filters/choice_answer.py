r"""Multiple choice: a letter, several letters, a letter with its text, or the text of an option, in twenty languages.

What stands before a closed `</think>` is never read, and a `<think>` that is not closed leaves no answer. Then the first that is there decides:

1. the last top-level `\boxed{}` that is not empty; boxes with no more than "and" or a comma between are one;
2. the last `<answer>` element, or field `"answer"` of JSON;
3. the last statement: "the answer is B", "I choose B", "so B is correct", a heading with the letter below (`filters/choice_statements.py`);
4. a bare answer: a letter, letters or an option's text as the whole text, on the first line with an explanation below, or letters alone on
   the last line;
5. "B is correct" without more, where nothing else is called so.

A hedge ("A or B"), a letter with another option's text, and a letter that is denied later are no answers. Small letters count in brackets or
alone only: `a` and `i` are words. Option texts are compared without case, space and LaTeX dress, else by value where neither holds a word.
"""

import re

from filters.extraction.boxed import boxes_with_places
from filters.choice_bare import bare_answer
from filters.choice_claims import MARKS, is_hedged_after, predicate, reading_of
from filters.choice_statements import stated
from filters.choice_text import Options, clean, options_of, tokens_of
from filters.choice_words import AND, NOT, OR, UNSURE
from filters.extraction.final_answer import after_thought
from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from records.rows import Verdict

NAME, VERSION = "choice", "2"
HEAD, TAIL = 500, 2000
"""Characters at the beginning and the end in which statements and bare answers are looked for: answers stand there, and what is read
between a box and an answer elsewhere would be reasoning. Boxes, elements and fields count wherever they are."""
AROUND, MOST_BOXES = 60, 10
"""Characters before and after a box that may join it to another or take it back."""
ELEMENT = re.compile(r"<(/?)answer>", re.IGNORECASE)
FIELD = re.compile(
    r"""["'](?:final_?|correct_?)?(?:answer|choice)["'][ \t\n]{0,8}:[ \t\n]{0,8}"""
    r"""(?:"([^"\n]{0,400})"|'([^'\n]{0,400})'|\[([^\[\]]{0,200})\]|([^\s,{}\[\]"']{1,100}))""",
    re.IGNORECASE,
)
NONE: frozenset[str] = frozenset()
Chosen = frozenset[str]


def verify_choice(reference: str, extra: str, answer: str) -> Verdict:
    """`reference` is a letter, several (`A,C`), a letter with its text or an option's text; `extra` as for `options_of`."""
    options = options_of(extra)
    run = reference.strip()
    right = frozenset(run) if re.fullmatch("[A-J]{2,10}", run) else bare_answer(reference[:TAIL], options)
    if not right:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"reference {reference[:200]!r} names no letter")
    chosen, extracted = chosen_letters(after_thought(answer), options)
    detail = "".join(sorted(chosen)) or extracted[:200]
    if chosen == right:
        return Verdict(NAME, VERSION, PASS, detail=detail)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER if chosen else NO_ANSWER, detail)


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
    if is_hedged_after(after, 0) or predicate(after, 0)[0] == "wrong":
        return NONE
    for before, until, other in reversed(boxes[-MOST_BOXES:-1]):
        words = [token.word for token in tokens_of(clean(text[until:start][: AROUND + 1]))]
        if start - until > AROUND or not all(word in AND or word in MARKS or word in OR or word in UNSURE for word in words):
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
    parts = [text] if len(text) <= HEAD + TAIL else [text[-TAIL:].partition("\n")[2] or text[-TAIL:], text[:HEAD]]
    statements = [stated(reading_of(part, options)) for part in parts]
    firm = [found.letters for found in statements if found and found.is_firm]
    if firm:
        return firm[0]
    bare = bare_answer("\n…\n".join(reversed(parts)), options)
    hints = [found.letters for found in statements if found]
    return bare or (hints[0] if hints else NONE)
