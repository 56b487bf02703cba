"""Multiple choice: the letter, the letter with its text, or the text of the option, in the common languages."""

import json
import re

from filters.equivalence import Undecided, same_answer
from filters.final_answer import final_answer
from filters.latex_text import tidy
from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from records.rows import Verdict

NAME, VERSION = "choice", "1"
LETTERS = "A-J"
JOINT = r"(?:\s*(?:,|;|/|&|\band\b|和|与|及|、|\by\b|\bund\b|\bet\b|и|と)\s*)+"
LETTER = rf"[(\[（【]?\s*\b([{LETTERS}])\b\s*[)\]）】]?"
ONE = re.compile(rf"^(?:(?:option|choice|answer|opción|选项|選項|antwort|вариант)\s*:?\s*)?{LETTER}\s*(?:[.:：、—-]\s*|\s+|$)(.*)$", re.DOTALL | re.IGNORECASE)
MANY = re.compile(rf"^(?:options?\s+|choices?\s+)?{LETTER}(?:{JOINT}{LETTER})+\s*$", re.IGNORECASE)
RUN = re.compile(rf"^[{LETTERS}]{{2,10}}$")
STATED = re.compile(
    rf"""(?ix)(?:
        (?:correct|right|best|final|the)\s+(?:answer|option|choice)s?(?:\s+(?:is|are|would\ be|:))*\s*:?
      | (?:answer|option|choice)\s*(?:is|are|:|：)
      | i\s+(?:choose|pick|select|would\ choose)
      | (?:正确|正確)?(?:答案|选项|選項)\s*(?:应该|应|應)?(?:是|为|為|选|選|：|:)+ | (?:因此|所以|故)?\s*应?(?:选择?|選擇?)\s*[:：]?
      | (?:la\ )?(?:respuesta|opción)(?:\ correcta)?\s*(?:es|:) | (?:la\ )?(?:bonne\ )?réponse(?:\ correcte)?\s*(?:est|:)
      | (?:die\ )?(?:richtige\ )?antwort\s*(?:ist|lautet|:) | (?:a\ )?resposta(?:\ correta)?\s*(?:é|:) | (?:la\ )?risposta(?:\ corretta)?\s*(?:è|:)
      | (?:правильный\ )?ответ\s*(?:[:：—-]|это)? | (?:正しい)?答え?(?:は|[:：])+ | (?:정답|답)(?:은|는|[:：])+
    )\s*(?:option|choice|选项|選項|\*\*|\s)*((?:[(\[（【\s]*\b[{LETTERS}]\b[)\]）】]?(?:{JOINT})?)+)"""
)
WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}")
HEDGED = re.compile(r"(?i)\b(?:either|or|perhaps|maybe|或者?|not)\b")


def verify_choice(reference: str, extra: str, answer: str) -> Verdict:
    """`reference` is a letter or several (`A,C`); `extra` may hold JSON `{"options": {"A": "…"}}` or the mapping itself."""
    right = letters_of(reference)
    if not right:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"reference {reference!r} names no letter")
    options = options_of(extra)
    extracted = stated(answer) or final_answer(answer) or ""
    if not extracted:
        return Verdict(NAME, VERSION, FAIL, NO_ANSWER)
    chosen = chosen_letters(extracted, options)
    if chosen == right:
        return Verdict(NAME, VERSION, PASS, detail="".join(sorted(chosen)))
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER if chosen else NO_ANSWER, "".join(sorted(chosen)) or extracted[:200])


def letters_of(text: str) -> set[str]:
    found = set(re.findall(rf"\b([{LETTERS}])\b", text.upper()))
    return found or (set(text.strip()) if RUN.match(text.strip()) else set())


def options_of(extra: str) -> dict[str, str]:
    try:
        options = json.loads(extra) if extra.strip() else {}
    except ValueError:
        return {}
    options = options.get("options", options) if isinstance(options, dict) else options
    if isinstance(options, list):
        options = dict(zip("ABCDEFGHIJ", options, strict=False))
    return {str(letter).upper(): str(text) for letter, text in options.items()} if isinstance(options, dict) else {}


def stated(answer: str) -> str | None:
    """A box or element wins; else the last statement that names letters."""
    if "boxed" in answer or "<answer>" in answer:
        return None
    matches = [match for match in STATED.finditer(answer) if match.group(1).strip()]
    if not matches:
        return None
    if matches[-1].group(1)[-1:].islower():
        return None  # "the answer is a triangle"
    after = answer[matches[-1].end() :]
    if re.match(r"\s*(?:or\b|或|/)", after):
        return "hedged"
    rest = re.split(r"[\n。]|\.\s", after, maxsplit=1)[0]
    return matches[-1].group(1).strip() + rest if rest.lstrip()[:1] in {".", ")", ":", "："} else matches[-1].group(1).strip()


def chosen_letters(extracted: str, options: dict[str, str]) -> set[str]:
    plain = re.sub(r"\\text\{([^{}]*)\}", r"\1", tidy(extracted)).strip(" *_.")
    by_text = {letter for letter, text in options.items() if same_text(plain, text)}
    if len(by_text) == 1:
        return by_text
    if RUN.match(plain) and (len(set(plain)) == len(plain)) and list(plain) == sorted(plain):
        return set(plain)
    if MANY.match(plain) and not HEDGED.search(plain):
        return set(re.findall(rf"\b([{LETTERS}])\b", plain.upper()))
    if one := ONE.match(plain):
        letter, rest = one.group(1).upper(), one.group(2).strip(" *_.")
        if one.group(1).islower() and rest and not options:
            return set()
        if rest and not options and plain.upper().startswith(f"{letter} ") and letter in "AI":
            return set()  # an article or a pronoun
        if not rest or not options:
            return set() if HEDGED.search(rest[:20]) else {letter}
        meant = {other for other, text in options.items() if same_text(rest, text)}
        return {letter} if not meant or letter in meant else set()
    return set()


def same_text(ours: str, theirs: str) -> bool:
    if not ours or fold(ours) == fold(theirs):
        return bool(ours)
    if WORD.search(ours) or WORD.search(theirs):  # 15 apples are not 15 oranges
        return False
    try:
        return same_answer(theirs, ours)
    except Undecided:
        return False


def fold(text: str) -> str:
    return re.sub(r"[\s.,;:$*]+", "", tidy(re.sub(r"\\text\{([^{}]*)\}", r"\1", tidy(text)))).casefold()
