"""Puts texts into a judge's prompt as quoted data: between marks that they cannot hold, without anything that a chat
template or a reader of verdicts would take for its own."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from configs.rubric import PLACEHOLDER
from filters.llm_judge.folding import visible

VERSION = "4"
MARK_DIGITS = 12
# `<|im_start|>`, `<｜User｜>`, `</think>`, `<verdict>`, `<verdict/>`, `<extra_0>`, `<[begin]>`, `[INST]`, `[UNK]`,
# `[|user|]`, `[gMASK]`, `[UNUSED_TOKEN_146]`, `[control_8]`, `<<SYS>>`: a blank makes them plain text. Mathematics
# survives: `0 <|x| < 1` becomes `0 < |x| < 1`. Some tokenizers take wide signs for narrow ones (NFKC).
OPENS_A_TOKEN = re.compile(
    r"[<＜﹤](?=[^\s\d=+\-.(\\$])|[\[［](?=[|｜/]|[A-Z][A-Z\d_]{1,40}[\]］]|[gs]MASK|sop\]|(?:control_|unused)\d)"
)
LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
HEADINGS = {
    "problem": "problem",
    "reference": "reference answer",
    "answer": "answer of the solution",
    "steps": "steps of the solution",
}


def fill(template: str, texts: Mapping[str, str]) -> str:
    """Return the prompt: each placeholder of the template becomes the block that quotes its text. All are replaced at
    once, because a text may itself hold a placeholder."""
    shown = {name: neutral(text) for name, text in texts.items()}
    mark = mark_for("\0".join(shown.values()))
    return PLACEHOLDER.sub(lambda found: block(HEADINGS[found[1]], shown[found[1]], mark), template)


def block(heading: str, text: str, mark: str) -> str:
    return f"[{heading}, begins: {mark}]\n{text}\n[{heading}, ends: {mark}]"


def mark_for(text: str) -> str:
    """Return a word that does not occur in the text. It is derived from the text, so that the same trace is always
    asked about in the same words, and whoever writes a text cannot write its mark into it."""
    number = 0
    while (mark := hashlib.sha256(f"{number}:{text}".encode()).hexdigest()[:MARK_DIGITS]) in text:
        number += 1
    return mark


def neutral(text: str) -> str:
    """Return the text without invisible and control characters, and with a blank in what would become a tag or a
    special token. Lines end with a line feed alone."""
    text = visible(LINE_ENDS.sub("\n", text))
    shown = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return OPENS_A_TOKEN.sub(lambda found: f"{found[0]} ", shown).strip()
