r"""What a completion gives as its final answer.

In this order, the first that is there decides: the last top-level `\boxed{}` (boxes joined by no more than "and" or a comma are one
list); the last `<answer>` element or `"answer"` field of JSON; the last explicit final-answer phrase; the last `#### …` line (GSM8K's form); and a text that
is nothing but an expression or a few words. A number that merely occurs in prose is no answer.
"""

import re

from filters.boxed import boxes_with_places

ANSWER_ELEMENT = re.compile(r"<answer>(.*?)(?:</answer>|$)", re.DOTALL | re.IGNORECASE)
JSON_ANSWER = re.compile(r'"(?:final_?)?answer"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,{}\[\]"]+))', re.IGNORECASE)
GSM8K = re.compile(r"^\s*####\s*(.+?)\s*$", re.MULTILINE)
JOINED = re.compile(
    r"[\s$,.;&、，和与]*(?:(?:and|or|y|und|et|и|や|と)[\s$]*)?(?:\\text\{\s*(?:and|or|,)\s*\}|\\quad|\\,|\\\))*[\s$]*(?:\\\()?\s*"
)
PHRASE = re.compile(
    r"""(?imx)
    (?: ^\s*\#+\s*\**(?:final\ |the\ )?(?:answer|solution)\**:?\s*\**\s*\n
      | (?:the\ |my\ |our\ |so\ the\ |\b)(?:final\ |correct\ |required\ |desired\ |resulting\ |numerical\ |exact\ |simplified\ )*(?:answer|solution|result)
        (?:\ to\ (?:the|this)\ (?:question|problem))?
        (?:\ (?:choice|option))?\**\s*(?:is|are|was|equals|would\ be|should\ be|must\ be|will\ be|therefore\ is)\b(?:\ (?:therefore|thus|then|simply|just|given\ by|option|choice))?\s*:?
      | \b(?:final\ )?answer\**\s*(?:[:：=]|\*\*:)
      | (?:最终|最後|正确|正確)?(?:的)?(?:答案|结果|結果)(?:应该|應該|应|應)?(?:就)?(?:是|为|為|[:：=])+
      | (?:故选|故選|应选|選擇|选择?)(?:[:：]|\ )?(?=\s*[（(]?[A-Z])
      | (?:最終的な|最終)?(?:答え|解答|答)(?:は|[:：])+
      | (?:최종\ )?(?:정답|답)(?:은|는|이|[:：])+
      | (?:la\ )?(?:réponse|reponse)(?:\ (?:finale|correcte|exacte))?\s*(?:est|[:：])
      | (?:la\ )?respuesta(?:\ (?:final|correcta))?\s*(?:es|[:：])
      | (?:a\ )?resposta(?:\ (?:final|correta))?\s*(?:é|[:：])
      | (?:la\ )?risposta(?:\ (?:finale|corretta|esatta))?\s*(?:è|e'|[:：])
      | (?:die\ |endgültige\ |richtige\ |finale\ )*(?:antwort|lösung|ergebnis)\s*(?:ist|lautet|[:：])
      | (?:het\ )?(?:antwoord)\s*(?:is|[:：])
      | (?:окончательный\ |правильный\ )?(?:ответ)\s*(?:[:：—–-]|является)
      | (?:الإجابة|الجواب)(?:\ (?:النهائية|الصحيحة))?\s*(?:هي|هو|[:：])
      | (?:उत्तर)\s*(?:है|[:：])
    )"""
)
STOP = re.compile(
    r"(?:\n|。|(?<!\d)\.(?=\s|$|\*)|(?<=\d)\.(?=\s+[A-ZА-Я]|\s*$|\*)|[;；]\s|\s(?:because|since|as\s+(?:we|the|it)|which|where|when\s+we|so\s+(?:the|we|that)|given\s+that)\b|,\s*(?:because|since|which|so|as)\b)"
)
OTHERS = re.compile(r"(?i)\b(?:reference|expected|given|wrong|incorrect|previous|other|your|his|her|their)\s+(?:correct |final )?answer")
"""Whose answer it says it is, where it is not the writer's own."""
POLITE = re.compile(r"\s?(?:です|である|だ|となります|になります|입니다|이다|예요|이에요)[。.]?\s*$")
HEDGE = re.compile(r"(?i)^(?:either|probably either|one of|not\b|unknown\b)")
MAX_BARE = 300
"""Characters of a text that may be an answer as a whole; no single answer of MATH is longer than 160."""
PROSE = re.compile(r"[A-Za-z]{2,}(?:[ ,]+(?:\S+[ ,]+)?[A-Za-z]{2,}){5,}")


def final_answer(text: str) -> str | None:
    """The final answer as written, or None where the text commits to none."""
    found = boxed_answer(text)
    if found is not None:
        return (boxed_answer(found) or found) or None
    elements = ANSWER_ELEMENT.findall(text)
    if elements:
        inner = elements[-1].strip()
        return phrase_answer(inner) or inner or None
    fields = JSON_ANSWER.findall(text)
    if fields:
        quoted, plain = fields[-1]
        return (quoted or plain).replace("\\\\", "\\").replace('\\"', '"').strip() or None
    if PHRASE.search(text):
        return phrase_answer(text)
    return gsm8k_answer(text) or bare_answer(text)


def boxed_answer(text: str) -> str | None:
    found = boxes_with_places(text)
    if not found:
        return None
    contents = [found[-1][2]]
    start = found[-1][0]
    for begin, end, content in reversed(found[:-1]):
        if not JOINED.fullmatch(text[end:start]):
            break
        if content.strip() != contents[0].strip():
            contents.insert(0, content)
        start = begin
    return ", ".join(part.strip() for part in contents)


def phrase_answer(text: str) -> str | None:
    matches = list(PHRASE.finditer(text))
    for match in reversed(matches):
        if OTHERS.search(text[max(0, match.start() - 20) : match.start() + 12]):
            continue
        rest = text[match.end() :].lstrip(" \t:：*\n=")
        answer = sentence(rest)
        if answer and not HEDGE.match(answer):
            return answer
        if answer:
            return None
    return None


def sentence(rest: str) -> str:
    """The rest up to where the sentence ends; a leading formula wins over the words that follow it."""
    for opening, closing in (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]")):
        if rest.startswith(opening):
            end = rest.find(closing, len(opening))
            if end > 0:
                after = rest[end + len(closing) :]
                more = re.match(r"\s*(?:and|or|,|und|y|et|和|或)\s*(?=\$|\\\(|\\\[)", after)
                formula = rest[len(opening) : end].strip()
                return f"{formula} , {sentence(after[more.end() :])}" if more else formula + unit_after(after)
    stop = STOP.search(rest)
    return POLITE.sub("", rest[: stop.start()] if stop else rest).strip(" *_`").rstrip(".,;:").strip()


def unit_after(text: str) -> str:
    """A unit that follows a formula, such as ` cm` or `%`."""
    found = re.match(r"\s?(\\?%|°|[a-zA-Z]{1,3}(?:\^?[23²³])?(?=[\s.,]|$))", text)
    return (
        f" {found.group(1)}"
        if found and found.group(1).lower() not in {"is", "as", "so", "and", "or", "we", "it", "if", "for", "by"}
        else ""
    )


def gsm8k_answer(text: str) -> str | None:
    found = GSM8K.findall(text)
    return found[-1] if found else None


def bare_answer(text: str) -> str | None:
    """The whole text, where it is an answer and not prose."""
    stripped = text.strip()
    if (
        not stripped
        or "####" in stripped
        or len(stripped) > MAX_BARE
        or "\n\n" in stripped
        or PROSE.search(re.sub(r"\\[A-Za-z]+|\\text\{[^}]*\}", " ", stripped))
    ):
        return None
    return stripped
