r"""Cuts a text into tokens: letters that may name an option, words and marks."""

import re
import unicodedata
from typing import NamedTuple

from filters.verifiers.choice import words as choice_words

LETTERS = "ABCDEFGHIJ"
FULLWIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
# "\textbf{B}"
WRAPPER = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|normal)?|math(?:rm|bf|it|sf|tt)|boldsymbol|bm|[mh]box|emph|underline|boxed|fbox)\s?\{([^{}]*)\}"
)
# "\quad"
SPACING = re.compile(r"\\(?:q?quad(?![A-Za-z])|[,;:! ]|[()\[\]])|~")
# "<answer>"
TAG = re.compile(r"</?[A-Za-z]{1,10}>|<[|｜][^<>]{1,30}[|｜]>|\[/?INST\]")
# "**B**"
EMPHASIS = re.compile(
    r"(?<![0-9a-z)])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![0-9a-z(])|(?<![A-Za-z0-9}])_+|_+(?![A-Za-z0-9{\\])|[`\"“”„«»「」『』]"
)
"""The pattern leaves the stars and underscores of `2*3`, `2 * 3` and `x_1` alone."""
# "> - B"
BULLET = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)?(?:#{1,6}|[-+•](?=[ \t]))?[ \t]*")
SCRIPTS = (
    "এ বি সি ডি", "ক খ গ ঘ", "ए बी सी डी", "क ख ग घ", "أ ب ج د", "ก ข ค ง",
)  # fmt: skip
FOREIGN = {letter: LETTERS[at] for script in SCRIPTS for at, letter in enumerate(script.split())}
# "উত্তর"
FOREIGN_SCRIPT = re.compile("[\u0620-\u064a\u0900-\u09ff\u0e00-\u0e7f]")
# "উত্তর: বি"
FOREIGN_LETTER = re.compile(
    rf"(?:(?<=[\s(\[{{:：*])|^)({'|'.join(FOREIGN)})(?=\s?(?:[).:।\]}}*]|\n|$)|\s(?:है|होगा|হবে|হয়)(?!\w))", re.MULTILINE
)
"""The letter of an option in another script, where nothing but a mark or "is" follows."""
# "sp^{2}"
RAISED = re.compile(r"(?<=[A-Za-z]{2})\^\{?\s?(\d)\s?\}?")
# "CO_{2}"
LOWERED = re.compile(r"(?:(?<=[A-Z)])|(?<=[A-Z][a-z]))_\{?\s?(\d{1,2})\s?\}?")
# "10⁻³"
RAISED_SIGNS = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]{1,20}")
RAISED_DIGITS, LOWERED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+"), str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
LATIN = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
"""Thai, Japanese, Chinese and Korean do not separate words by spaces, or not all of them."""
LISTED = frozenset[str]().union(*(value for value in vars(choice_words).values() if isinstance(value, frozenset)))
PHRASES = sorted((word for word in LISTED if " " in word or re.match(f"[{UNSPACED}]", word)), key=len, reverse=True)
JOINED, SPACED = ([re.escape(word) for word in PHRASES if (" " in word) is spaced] for spaced in (False, True))
TOKEN = re.compile(
    rf"""(?x)
      (?P<bracketed> \([ ]?[A-Ja-j][ ]?\) | \[{{1,2}}[ ]?[A-Ja-j][ ]?\]{{1,2}} | \{{[ ]?[A-J][ ]?\}} | (?<!\S)[a-j]\) )
    | (?P<letter> (?<![{LATIN}0-9_\\^]) (?<![{LATIN}0-9]-) [A-J] (?![{LATIN}0-9_^\#+]) (?!-[{LATIN}0-9])
        (?!['’](?!(?:[dt][iıuü]r|olacak)\b)[{LATIN}]) )
    | (?i:[ldcnjst]|qu|dell)['’](?=[{LATIN}])
    | (?i:{"|".join(SPACED)}) (?![{LATIN}])
    | (?=[{UNSPACED}]) (?:{"|".join(JOINED)})
    | [{LATIN}]+(?:['’-][{LATIN}]+)* | [Ѐ-ӿ]+ | [\u0370-\u03ff\u1f00-\u1fff]+ | [\u0620-\u065f\u066e-\u06ff]+
    | [\u0900-\u0963\u0970-\u0dff]+ | [\uac00-\ud7a3]+ | \d+(?:[.,]\d+)* | \\[A-Za-z]+ | \.{{2,}} | \n | [^\s$]
    """
)
SPELLINGS = str.maketrans("–—−‐‑’", "-----'")
SILENT = {"'", "’", "‘"}
"""Quotation marks are dropped; an apostrophe belongs to its word."""


class Token(NamedTuple):
    """One letter, word or mark of a text."""

    word: str
    """The case-folded text; `(b)` for a letter in brackets."""
    start: int
    end: int
    letter: str = ""
    """The option that the token may name: a capital, or any letter in brackets. A small letter alone is a word."""
    is_bracketed: bool = False


def clean(text: str) -> str:
    """Return the text without tags, emphasis, bullets, quotes and upright-text commands, and with full-width signs
    and letters of other scripts in their usual form."""
    text = unicodedata.normalize("NFC", text).translate(FULLWIDTH)
    if not text.isascii() and FOREIGN_SCRIPT.search(text):
        text = FOREIGN_LETTER.sub(lambda match: FOREIGN[match.group(1)], text)
    text = SPACING.sub(" ", text.replace("\\$", "$"))
    for _ in range(3):
        text = WRAPPER.sub(r"\1", text)
    if not text.isascii():
        text = RAISED_SIGNS.sub(lambda match: f"^{{{match.group().translate(RAISED_DIGITS)}}}", text)
        text = text.translate(LOWERED_DIGITS)
    if "^" in text or "_" in text:
        text = LOWERED.sub(r"\1", RAISED.sub(r"\1", text))
    return EMPHASIS.sub("", TAG.sub(" ", BULLET.sub("", text))).strip()


def tokens_of(text: str) -> list[Token]:
    """Cut a text that `clean` returned into tokens."""
    found = []
    for match in TOKEN.finditer(text):
        word, kind = match.group(), match.lastgroup
        if word in SILENT:
            continue
        if not word.isascii():
            word = word.translate(SPELLINGS)
        if kind is None:
            found.append(Token(word.casefold(), match.start(), match.end()))
        else:
            letter = re.sub(r"[^A-Za-z]", "", word).upper()
            word = word.replace(" ", "").casefold()
            found.append(Token(word, match.start(), match.end(), letter, kind == "bracketed"))
    return found
