r"""What a completion gives as its final answer. What stands before a closed `</think>` is never read.

In this order, the first that is there decides:

1. the last top-level `\boxed{}` that is not empty (boxes joined by a comma or "and" are one list);
2. the last `<answer>` element or `"answer"` field of JSON;
3. the last announcement ("the final answer is …", a heading `**Answer**`) or line `#### …` (GSM8K's form), the later of the two;
4. the value at the end of a last sentence that concludes ("Therefore, x is 5");
5. a text that is nothing but an expression or a few words.

A number that merely occurs in prose is no answer.
"""

import re
from collections import deque
from collections.abc import Iterator

from filters.extraction.answer_phrases import (
    ADVERBS,
    CHOSEN,
    CLAUSE_END,
    COPULA,
    DECIMAL_COMMA,
    ENGLISH,
    FINAL,
    HEADING,
    NEGATION,
    NOT_MINE,
    NOUN,
    REVERSED,
    SUPPOSED,
    UNCERTAIN,
    WEAK_NOUN,
)
from filters.extraction.boxed import boxes_with_places
from filters.extraction.statement import (
    CJK,
    CLOSING,
    DECORATION,
    LONGEST,
    NOISE,
    VALUE,
    is_remark,
    masked,
    statement,
    unmasked,
)
from filters.mathematics.equivalence import same_answer
from filters.mathematics.latex_text import tidy
from filters.mathematics.undecided import Undecided

THOUGHT = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
UNCLOSED = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
ANSWER_ELEMENT = re.compile(r"<answer>(.*?)(?:</answer>|$)", re.DOTALL | re.IGNORECASE)
JSON_ANSWER = re.compile(
    "[\"'](?:final_?)?answer[\"']\\s{0,4}:\\s{0,4}(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'([^'\\n]*)'|\\[([^\\[\\]]*)\\]"
    "|([^\\s,{}\\[\\]\"']+))",
    re.IGNORECASE,
)
GSM8K = re.compile(r"^[ \t]{0,8}####(.*)$", re.MULTILINE)
JOINT = re.compile(
    r"\s*(?:[,;&、，]|(?:[,;]?\s*\b(?:and|or|y|und|et)\b)|[和与或и])(?:\s|and|or)*(?:[A-Za-z]\w{0,3}\s?=)?\s*",
    re.IGNORECASE,
)
LONGEST_JOINT = 60
LABEL = re.compile(r"(?:^|[\s$(])([A-Za-z](?:_\w)?)\s?=\s?\$?$")
SILENT = re.compile(r"\$|\\q?quad|\\[,;:! ]|\\[()\[\]]|~|\\text\{\s*([a-z,]*)\s*\}")
LABELLED = re.compile(
    r"\\(?:text|mathbf|mathrm)[a-z]{0,2}\{\s*((?:The )?(?:Final )?Answer(?: is)?\s?:?)\s*\}", re.IGNORECASE
)
LABEL_IN_BOX = re.compile(r"^\s*(?:The )?(?:Final )?Answer(?: is|\s?:)\s*", re.IGNORECASE)
UNDERLINED = re.compile(r"(?<![\w}])__?([A-Za-z][A-Za-z :]{1,40})__?(?!\w)")
COLON = re.compile(r"[*_\]】)\s]{0,6}(?:\([^()\n]{0,60}\))?[*_\s]{0,4}(?:[:：=→⇒]|[—–-](?=\s)|(?<=】))")
COLON_AFTER_WORDS = re.compile(r"(?:\s[^\W\d_]{2,14}){0,2}" + COLON.pattern)
ANNOUNCED = re.compile(f"{NOUN.pattern}|####")
SENTENCE_END = re.compile(r"(?<=[.!?。])\s+|\n\s*\n|\n(?=[A-Z*#>-])|(?<=[。！])")
CONCLUSION = re.compile(
    r"(?i)(?:so|thus|hence|therefore|consequently|finally|in conclusion|in total|altogether|as a result|we (?:conclude|find|see|get|have)(?: that)?|it follows that"
    r"|por (?:lo )?tanto|portanto|donc|also|daher|somit|folglich|quindi|следовательно|итак|dus|因此|所以|故|综上|따라서|したがって|よって)[,:，]?\s*"
)
TELLS = re.compile(
    r"(?:\b(?:is|are|equals|be|get|obtain|have|find|gives?|es|est|ist|são|è)\b|=|是|为"
    r"|為)\s*:?\s*(?:exactly |equal to |just |only )?"
)
SEVERAL = re.compile(r"=[^=]*(?:,|;|\band\b)[^=]*=")
DOUBT = re.compile(
    r"(?i)\?|\b(?:if|given|must|need|let|where|assume|maybe|perhaps|might|may|could|not|either|or|guess"
    r"|suppose|would|probably|unless|wait|about|approximately|at (?:least|most)|more than|less than)\b|n't"
)
MOST_WORDS, MOST_WORDS_OF_A_NAME = 6, 3
WORD, TEX = re.compile(r"[^\W\d_]{2,}"), re.compile(r"\\text\{[^{}]*\}|\\[A-Za-z]+")
TAIL = 20_000
"""Characters at the end in which an announcement is looked for."""
MOST_ANNOUNCEMENTS = 20
GAP = 60
"""Characters that may stand between "answer" and "is"."""
MAX_BARE = 300
"""Characters of a text that may be an answer as a whole; no single answer of MATH is longer than 160."""
PROSE = re.compile(r"(?:[A-Za-z]{2,}[ ,]{1,3}(?:\S{1,40}[ ,]{1,3})?){5}[A-Za-z]{2,}")
CONNECTIVE = re.compile(r"(?i)^(?:so|thus|hence|therefore|then|finally)\b[,:]?\s+(?:we (?:get|have)\s+)?")
QUOTES = re.compile(r"^'([^']*)'$")


def final_answer(text: str) -> str | None:
    """The final answer as written, or None where the text commits to none."""
    text = UNDERLINED.sub(r"\1", LABELLED.sub(r"\1", after_thought(text)))
    found = boxed_answer(text)
    if found:
        return LABEL_IN_BOX.sub("", boxed_answer(found) or found)
    elements = [element.strip() for element in ANSWER_ELEMENT.findall(text) if element.strip()]
    if elements:
        return announced_answer(elements[-1]) or statement_or_whole(elements[-1])
    fields = JSON_ANSWER.findall(text[-TAIL:])
    if fields:
        double, single, listed, plain = fields[-1]
        return (double or single or plain or f"[{listed}]").replace("\\\\", "\\").replace('\\"', '"').strip() or None
    answer = announced_answer(text)
    if answer or ANNOUNCED.search(text[-TAIL:]):
        return answer
    return concluded_answer(text) or bare_answer(text)


def after_thought(text: str) -> str:
    closed = list(THOUGHT.finditer(text))
    text = text[closed[-1].end() :] if closed else text
    return "" if UNCLOSED.search(text) else text


def boxed_answer(text: str) -> str | None:
    found = [place for place in boxes_with_places(text) if place[2].strip(" .$~\\,;:")]
    if not found:
        return None
    start, _, last = found[-1]
    contents = [last.strip()]
    for begin, end, content in reversed(found[:-1]):
        if start - end > LONGEST_JOINT or not JOINT.fullmatch(SILENT.sub(r" \1 ", text[end:start])):
            break
        contents.insert(0, content.strip())
        start = begin
    parts = [part for at, part in enumerate(contents) if not any(is_same(part, later) for later in contents[at + 1 :])]
    return ", ".join(parts)


def is_same(one: str, other: str) -> bool:
    try:
        return tidy(one) == tidy(other) or same_answer(one, other)
    except Undecided:
        return False


def announced_answer(text: str) -> str | None:
    """What the last announcement says."""
    text = NOISE.sub(" ", text[-TAIL:])
    found = list(announcements(text)) or list(weak_announcements(text))
    answer = max(found)[1] if found else None
    return None if answer is None or UNCERTAIN.match(answer) else answer


def announcements(text: str) -> Iterator[tuple[int, str]]:
    """Every announcement that says something, with its place."""
    for match in last(GSM8K, text):
        if match.group(1).strip() and not NOUN.search(match.group(1)):
            yield match.end(), match.group(1).strip()
    for match in last(HEADING, text):
        if answer := statement(text[match.end() :]):
            yield match.end(), answer
    for match in last(REVERSED, text):
        before = text[max(0, match.start() - 100) : match.start()]
        clause = CONNECTIVE.sub("", re.split(r"[.!?:]\s|\n", before)[-1].strip())
        if VALUE.match(clause) or clause.startswith("$") or len(clause.split()) == 1:
            yield match.end(), statement(clause) or clause
    for match in last(CHOSEN, text):
        yield match.end(), match.group(1)
    for match in last(NOUN, text):
        answer = announced_by(match, text)
        if answer:
            yield match.end(), answer


def last(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return list(deque(pattern.finditer(text), maxlen=MOST_ANNOUNCEMENTS))


def weak_announcements(text: str) -> Iterator[tuple[int, str]]:
    for match in last(WEAK_NOUN, text):
        answer = announced_by(match, text)
        is_final = FINAL.search(text[max(0, match.start() - 20) : match.end()])
        if answer and (is_final or is_last(text[match.end() :])) and re.search(r"[\d\\^=]", answer):
            yield match.end(), answer


def is_last(rest: str) -> bool:
    """Whether no sentence follows this one."""
    return not re.search(r"[.。!]\s+\S|\n\s*\S", rest.strip()[:2000])


def announced_by(noun: re.Match[str], text: str) -> str | None:
    before = text[max(0, noun.start() - 80) : noun.start()]
    if NOT_MINE.search(before) or SUPPOSED.search(CLAUSE_END.split(before)[-1] + " "):
        return None
    after = text[noun.end() : noun.end() + 2000]
    colon = (COLON if ENGLISH.match(noun.group()) else COLON_AFTER_WORDS).match(after)
    content = after[colon.end() :] if colon else after_copula(noun.group(), after)
    if content is None:
        return None
    answer = statement(content)
    if not answer or is_remark(answer):
        return None
    decimal = None if ENGLISH.match(noun.group()) else DECIMAL_COMMA.match(answer)
    return f"{decimal.group(1)}.{decimal.group(2)}{answer[decimal.end() :]}" if decimal else answer


def after_copula(noun: str, after: str) -> str | None:
    """What follows "is": at once anything, after other words a value only. Some languages need no "is" at all."""
    direct = DECORATION.match(after)
    start = direct.end() if direct else 0
    copula = None
    for match in COPULA.finditer(after[: GAP + 20]):
        gap = after[: match.start()]
        if len(gap) > GAP or re.search(r"[\n.。;!?]|\d\s", gap) or NEGATION.search(gap):
            break
        copula = match
        is_value = VALUE.match(ADVERBS.sub("", DECORATION.sub("", after[match.end() :]).lstrip()))
        if is_value or not gap.strip(" *_,") or after[match.end() :].startswith(" that "):
            return after[match.end() :]
    if copula is None and VALUE.match(after[start:]) and (CJK.match(noun) or not re.match(r"[a-zA-Z(]|\s*\(", after)):
        return after[start:]
    return None


def concluded_answer(text: str) -> str | None:
    """Of a last sentence that concludes ("Therefore …", or the text's only one) the value it ends with."""
    tail, formulas = masked(NOISE.sub(" ", text[-LONGEST:]).strip())
    sentences = [part for part in SENTENCE_END.split(tail) if part.strip(" *_")]
    if not sentences or (len(text) > LONGEST and len(sentences) == 1):
        return None
    last = sentences[-1].strip(" *_\n")
    connective = CONCLUSION.match(last)
    if not (connective or (len(sentences) == 1 and last.startswith("The "))) or DOUBT.search(last):
        return None
    last = last[connective.end() :] if connective else last
    told = list(TELLS.finditer(last))
    if last.count("=") > 1 and SEVERAL.search(last):
        return statement(unmasked(last, formulas))
    content = last[told[-1].end() :].strip() if told else last if connective and last.startswith("\x00") else ""
    if (not VALUE.match(content) and not content.startswith("\x00")) or len(content.split()) > MOST_WORDS:
        return None
    return statement(unmasked(content, formulas))


def statement_or_whole(text: str) -> str | None:
    """An element's content: a sentence's statement, and whatever is no sentence as it stands."""
    is_sentence = "\n" not in text and len(WORD.findall(TEX.sub(" ", text))) > MOST_WORDS_OF_A_NAME
    return statement(text) if is_sentence else undecorated(text) or None


def undecorated(text: str) -> str:
    text = text.strip()
    return CLOSING.sub("", text if re.match(r"[-–—]\s", text) else DECORATION.sub("", text))  # a dash may be a sign


def bare_answer(text: str) -> str | None:
    """The whole text, where it is an answer and not prose."""
    stripped = QUOTES.sub(r"\1", CONNECTIVE.sub("", undecorated(NOISE.sub(" ", text[:5000])))).strip()
    if (
        not stripped
        or (len(text) > 2000 and " " in stripped)
        or (len(stripped) > MAX_BARE and " " in stripped)
        or "\n\n" in stripped
        or boxes_with_places(text)
    ):
        return None
    if "####" in stripped or PROSE.search(re.sub(r"\\text\{[^}]*\}|\\[A-Za-z]+", " ", stripped)):
        return None
    return stripped
