r"""Finds the final answer of a completion. Text before the first `</think>` is never read.

The first of these that is present decides:

1. the last top-level `\boxed{}` that is not empty (boxes joined by a comma or "and" are one list);
2. the last `<answer>` element or `"answer"` field of JSON;
3. the last announcement ("the final answer is …", a heading `**Answer**`) or line `#### …` (GSM8K's form), the later of
   the two;
4. the value at the end of a last sentence that concludes ("Therefore, x is 5");
5. a text, or its last line, that is nothing but an expression or a few words.

A last sentence that announces the answer overrides a box before it. Courtesies at the end are left out.

A number that merely occurs in prose is no answer.
"""

import re

from filters.verifiers.extraction.alternatives import names_another
from filters.verifiers.extraction.announcements import CONNECTIVE, TAIL, announced_answer, is_announced, is_last, nouns
from filters.verifiers.extraction.boxed import boxes_with_places, restored, without_doubled
from filters.verifiers.extraction.closing_words import before_next_turn, without_courtesies
from filters.verifiers.extraction.conclusion import MOST_WORDS_OF_A_NAME, concluded_answer
from filters.verifiers.extraction.last_value import line_below_prose, lone_last_line
from filters.verifiers.extraction.retraction import is_taken_back
from filters.verifiers.extraction.statement import CLOSING, DECORATION, NOISE, VALUE, statement
from filters.verifiers.extraction.struck import without_struck
from filters.verifiers.extraction.within_formula import formula_around
from filters.verifiers.mathematics.equivalence import same_answer
from filters.verifiers.mathematics.latex_text import tidy
from filters.verifiers.mathematics.undecided import Undecided
from records.thinking import answer_part

# "<answer>5</answer>"
ANSWER_ELEMENT = re.compile(r"<answer>(.*?)(?:</answer>|$)", re.DOTALL | re.IGNORECASE)
# ""final_answer": "5""
JSON_ANSWER = re.compile(
    "[\"'](?:final_?)?answer[\"']\\s{0,4}:\\s{0,4}(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'([^'\\n]*)'|\\[([^\\[\\]]*)\\]"
    "|([^\\s,{}\\[\\]\"']+))",
    re.IGNORECASE,
)
AND = r"(?:[,;&、，；/]|[,;，]?\s?(?:\b(?:and|or|y|und|et|e|en|и|và|dan|ve)\b|[和与或及と]|والـ?|و|और|এবং|ও|และ|및))"
NUMBERED = r"(?:第[一二三四五六七八九十\d]{1,2}(?:个?空|问|小?题)|[①-⑳]|[（(](?:\d{1,2}|[a-d]|i{1,3}|iv)[）)])[填应答为是：:\s]{0,4}"
ARGUMENT = r"(?:\s?(?:\\left\s?)?\([^()=]{1,30}\))"
LABEL = rf"(?:\\?[A-Za-z]\w{{0,8}}(?:_\{{?\w{{1,9}}\}}?)?{ARGUMENT}?\s{{0,3}}(?:的(?:值|最大值|最小值|取值范围))?(?:=|:|：|为|是))"
COUNTED = r"(?:(?:for )?(?:part |case )?(?:[A-Za-z]{3,15}|\([a-z]\))(?:\s[a-z]{3,15})?\s{1,3}(?=and\b|or\b|[,;]))"
"""What a box counts, `\\boxed{1} papers and`, or answers, `\\boxed{1} for part (a) and`."""
# ", and x = ", "；② ", " (2) "
JOINT = re.compile(
    rf"\s{{0,9}}(?:{COUNTED}?{AND}\s{{0,9}}(?:and|or)?\s{{0,9}}(?:{NUMBERED})?|[.。;]?\s{{0,9}}{NUMBERED})\s{{0,9}}{LABEL}?\s{{0,9}}|\s{{0,9}}",
    re.IGNORECASE,
)
LONGEST_JOINT, MOST_JOINED = 60, 60
"""Characters between two boxes that are one list, and the boxes of a list that are read."""
# "$ cm. "
LATER_SENTENCES = re.compile(r"^[^.!?。！\n]*(?:[.!?。！\n]|$)")
LONGEST_REST = 1500
"""Characters after a box in which a later answer is looked for."""
# "Question: "
ASKED = re.compile(
    r"(?i)\?|boxed|\b(?:question|problem|exercise|user|human|prompt|if|would|could)\b|<[|｜]|问题|题目|如果"
)
"""Words after a box that begin another problem, as base models do, or a supposition."""
# "\quad"
SILENT = re.compile(r"\$|\*\*|\\q?quad|\\[,;:! ]|\\[()\[\]]|~|\\text\{\s*([a-z,() ]{0,40}?)\s*\}")
# "\text{Final Answer:}"
LABELLED = re.compile(
    r"\\(?:text|mathbf|mathrm)[a-z]{0,2}\{\s*((?:The )?(?:Final )?Answer(?: is)?\s?:?)\s*\}", re.IGNORECASE
)
# "Answer: 5"
LABEL_IN_BOX = re.compile(r"^\s*(?:The )?(?:Final )?Answer(?: is|\s?:)\s*", re.IGNORECASE)
# "__Final Answer:__"
UNDERLINED = re.compile(r"_(?<![\w}]_)_?([A-Za-z][A-Za-z :]{1,40})__?(?!\w)")
WORD, TEX = re.compile(r"[^\W\d_]{2,}"), re.compile(r"\\text\{[^{}]*\}|\\[A-Za-z]+")
# "x = $"
NAME_BEFORE = re.compile(r"[\s$]{0,9}(?:[^=:\\\d]{1,20}[=:]|\\text\{[^{}]{0,40}\})?[\s$]{0,9}")
MAX_BARE = 300
"""Characters of a text that may as a whole be an answer; no answer of MATH is longer than 160."""
# "we see that there are many ways"
PROSE = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]{2,40}[ ,]{1,3}(?:\S{1,40}[ ,]{1,3})?){5}[A-Za-z]{2}")
# "x = 1"
NAMED_LINE = re.compile(r"[A-Za-z]\w{0,3}\s?=[^=\n]{1,80}")
# "'yes'"
QUOTES = re.compile(r"^'([^']*)'$")


def final_answer(text: str) -> str | None:
    """Return the final answer as written, or None if the text commits to none."""
    text = without_struck(without_doubled(before_next_turn(answer_part(text))))
    text = restored(undressed(UNDERLINED, undressed(LABELLED, text)))
    placed = boxes_with_places(text)
    found = boxed_answer(text, placed)
    if found is not None:
        if not found:
            return None
        found, inner = without_boxes(found), inner_answer(found)
        later = later_answer(without_courtesies(text[placed[-1][1] :]))
        return later or without_doubled(LABEL_IN_BOX.sub("", inner or found))
    elements = [found for found in ANSWER_ELEMENT.finditer(text) if found.group(1).strip()]
    if elements:
        return answer_of(elements[-1], text)
    fields = JSON_ANSWER.findall(text[-TAIL:])
    if fields:
        double, single, listed, plain = fields[-1]
        return (double or single or plain or f"[{listed}]").replace("\\\\", "\\").replace('\\"', '"').strip() or None
    answer = announced_answer(text)
    if answer or is_announced(text[-TAIL:]):
        return answer
    text = without_courtesies(text)
    return concluded_answer(text) or line_below_prose(text) or bare_answer(text) or lone_last_line(text)


def undressed(dress: re.Pattern[str], text: str) -> str:
    """Return the text with what the pattern's group holds in place of each match. Most texts have no match: looking
    first is faster than `sub`."""
    return dress.sub(r"\1", text) if dress.search(text) else text


def boxed_answer(text: str, placed: list[tuple[int, int, str]]) -> str | None:
    """Return the content of the last box and of those joined to it, separated by commas, without repetitions; an
    empty text if what follows takes it back, None without a box."""
    found = [box for box in placed if box[2].strip(" .$~\\,;:")]
    if not found:
        return None
    start, after, last = found[-1]
    if is_taken_back(text[:start], text[after:]):
        return ""
    first, contents = start, [last.strip()]
    for begin, end, content in reversed(found[:-1]):
        if (
            start - end > LONGEST_JOINT
            or len(contents) == MOST_JOINED
            or not JOINT.fullmatch(SILENT.sub(r" \1 ", text[end:start]))
        ):
            break
        contents.insert(0, content.strip())
        start = begin
    if first == start:
        if names_another(text[:start], last, text[after:]):
            return ""
        contents = [formula_around(text[:start], last.strip(), text[after:])]
    parts = [part for at, part in enumerate(contents) if not any(is_same(part, later) for later in contents[at + 1 :])]
    return ", ".join(parts)


def inner_answer(content: str) -> str | None:
    r"""Return the answer of a box within a box, `\boxed{x = \boxed{5}}`; None if there is none, or if more than a name
    stands around it."""
    placed = boxes_with_places(content)
    if not placed:
        return None
    around = content[: placed[0][0]], content[placed[-1][1] :]
    is_alone = NAME_BEFORE.fullmatch(around[0]) and not around[1].strip(" $.~\\,;:")
    return boxed_answer(content, placed) if is_alone else None


def without_boxes(content: str) -> str:
    """Return the content of a box with plain braces for the boxes in it."""
    return content.replace("\\boxed", "").replace("\\fbox", "") if "box" in content else content


def answer_of(element: re.Match[str], text: str) -> str | None:
    """Return the answer of an `<answer>` element; None if the words around it deny it."""
    if is_taken_back(text[: element.start()], text[element.end() :]):
        return None
    content = element.group(1).strip()
    return announced_answer(content) or statement_or_whole(content)


def later_answer(after: str) -> str | None:
    """Return what the last sentence after an intermediate box announces: "The final answer is 7"."""
    rest = LATER_SENTENCES.sub("", after, count=1)
    announced = list(nouns(rest)) if 0 < len(rest) < LONGEST_REST else []
    if not announced or not is_last(rest[announced[-1].end() :]) or ASKED.search(rest):
        return None
    answer = announced_answer(rest)
    return answer if answer and VALUE.match(answer) else None


def is_same(one: str, other: str) -> bool:
    try:
        return tidy(one) == tidy(other) or same_answer(one, other)
    except Undecided:
        return False


def statement_or_whole(text: str) -> str | None:
    """Return an element's answer: the statement of a sentence, and any other content as it stands."""
    is_sentence = "\n" not in text and len(WORD.findall(TEX.sub(" ", text))) > MOST_WORDS_OF_A_NAME
    return statement(text) if is_sentence else undecorated(text) or None


def undecorated(text: str) -> str:
    """Remove decoration around the text, but keep a leading dash."""
    text = text.strip()
    return CLOSING.sub("", text if re.match(r"[-–—]\s", text) else DECORATION.sub("", text))  # a dash may be a sign


def bare_answer(text: str) -> str | None:
    """Return the whole text if it is an answer and not prose."""
    stripped = QUOTES.sub(r"\1", CONNECTIVE.sub("", undecorated(NOISE.sub(" ", text[:5000])))).strip()
    if (
        not stripped
        or (len(text) > 2000 and " " in stripped)
        or (len(stripped) > MAX_BARE and " " in stripped)
        or "\n\n" in stripped
        or boxes_with_places(text)
    ):
        return None
    lines = [line.strip() for line in stripped.splitlines()]
    if len(lines) > 1 and all(NAMED_LINE.fullmatch(line) for line in lines):
        return ", ".join(lines)
    if "####" in stripped or PROSE.search(re.sub(r"\\text\{[^}]*\}|\\[A-Za-z]+", " ", stripped)):
        return None
    return stripped
