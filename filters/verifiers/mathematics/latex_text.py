r"""Brings the many spellings of LaTeX and Unicode to one each, so that later rules meet only that one."""

import re
import unicodedata

from filters.verifiers.mathematics.notations import rewritten
from filters.verifiers.mathematics.spellings import (
    COMMANDS,
    LOWERED,
    MATH_WORDS,
    NO_STEMS,
    RAISED,
    SILENT,
    STEMS,
    SYMBOLS,
)
from filters.verifiers.mathematics.vocabulary import FUNCTION_NAMES, GREEK

BOLD = r"\\(?:mathbf|boldsymbol|bm)\s?\{?\s?([A-Za-z])(?![A-Za-z])\s?\}?"
# "\mathbf{a} \times \mathbf{b}"
CROSS = re.compile(rf"{BOLD}\s?\\times\s?{BOLD}")
# "\mathrm{cm}"
UPRIGHT = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|mathcal|boldsymbol|bm|mathnormal|operatorname\*?|pmb)\s*\{([^{}]*)\}"
)
# Commands around a group that do not change its value.
# "\textcolor{red}{5}"
PAINT = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|mathit|mathsf|mathrm|pmb|underline|textcolor\{\w+\}|color\{\w+\})\s*(?=\{)|\\color\{\w+\}"
)
# "\mathbf x"
BARE_FONT = re.compile(r"\\(?:mathrm|mathbf|mathit|mathsf|text|bm|rm|bf)\s*(?=[A-Za-z0-9](?![A-Za-z]))")
# "{\rm {cm}}"
FONT_GROUP = re.compile(r"\\(?:rm|bf|it)\s*\{")
# "\text{.}"
TEXT_POINT = re.compile(r"\\text\{\s*([.,:;])\s*\}")
# "\text{$x+1$}"
TEXT_FORMULA = re.compile(r"\\text\{\s*\$([^$]*)\$\s*\}")
# "\begin{equation*}"
ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\{(?:equation|displaymath|math|gather)\*?\}|\\tag\{[^{}]*\}|\\(?:left|right)\s*\."
)
# "1 {,} 234"
BRACED_COMMA = re.compile(r"(?<=\d)\s?\{\s?,\s?\}\s?(?=\d)|\{,\}")
# "{-}5"
BRACED_MINUS = re.compile(r"(?<![A-Za-z*])\{-\}")
# "\pmod{7}"
MODULO = re.compile(
    r"\(?\s{0,9}(?:\\(?:pmod|mod|bmod)|\\text\{\s{0,9}mod\s{0,9}\}|(?<=\s)mod(?=\s)|(?<=\()mod(?=\s))"
    r"\s{0,9}\{?\s{0,9}(\d{1,400}|[a-z])\s{0,9}\}?\s{0,9}\)?"
)
# "km/h"
UNIT_RATIO = re.compile(r"[A-Za-z]{1,4}\s?/\s?[A-Za-z]{1,4}")
# "\textbf{no solution}"
TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mbox|hbox|emph|underline)\s*\{([^{}]*)\}")
# "\dfrac"
COMMAND = re.compile(r"\\([A-Za-z]+)\s?")
# "3 x 10^5"
POWER_OF_TEN = re.compile(r"(?<=\d)\s?[xX*]\s?(?=10\s?\^)")
# "5 \cr"
LAST_ROW = re.compile(r"(?:\s|\\cr(?![a-z])|\\text\{\s{0,5}\.?\s{0,5}\}){1,60}$")
# "\text{The answer is } 5"
ANNOUNCING = re.compile(
    r"^\s*(?:\\(?:therefore|because|to|Rightarrow|implies)(?![a-z])|\\text\{\s*(?:the |so the )?(?:final )?answer(?: is)?\s*:?\s*\})\s*:?",
    re.IGNORECASE,
)
# "E**x"
EULER = re.compile(r"(?<![A-Za-z\\_])E(?=\*\*)")
"""sympy prints a power of Euler's number as `E**x`."""
# "3 pi cm", "2 k pi", but not "2 pi bonds"
PI = re.compile(
    r"(?:(?<=[\d)}\]])|(?<=(?<![A-Za-z\\])[kmn]))\s?(?:[Pp]i|PI)(?![A-Za-z]|\s?(?:bond|electron|orbital|meson))"
)
"""Behind a number `pi` is one as well, and no noun that it counts."""
# "theta", but not "\theta"
WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,}")
# "\text{beta}", "(Alpha, Beta)"
BESIDE_NAMES = re.compile(r"\\(?:text|left|right)(?![A-Za-z])|[{}()\[\],;\s]|(?<![A-Za-z])and(?![A-Za-z])")
LETTERS_BY_NAME = frozenset(name for name in GREEK if len(name) > 2) - {"psi"}
"""Without the unit of pressure."""
# "\land"
CONNECTIVE = re.compile(r"\\(?:land|lor|wedge|vee|to|rightarrow|Rightarrow|implies|iff|neg|lnot)(?![A-Za-z])|[∧∨→⇒¬]")
# "~p \land (~q)"
NEGATION = re.compile(
    r"(?:(?<![^(])|(?<=\\land )|(?<=\\lor )|(?<=\\wedge )|(?<=\\vee )|(?<=\\to )|(?<=[∧∨→] ))~(?=[A-Za-z](?![A-Za-z]))"
)
# "\, "
SPACING = re.compile(
    r"\\[,;:!> ]|~|\\hspace\{[^{}]*\}|\\vspace\{[^{}]*\}|\\phantom\{[^{}]*\}|[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# "ⁿ⁺¹", "ₙ₊₁"
SUPERSCRIPT, SUBSCRIPT = (re.compile(f"[{''.join(map(chr, table))}]+") for table in (RAISED, LOWERED))
# "5ᵗʰ"
RAISED_ENDING = re.compile(r"(?<=[\dn])(?:ˢᵗ|ⁿᵈ|ʳᵈ|ᵗʰ)")
WRAPPERS = (
    (r"\(", r"\)"),
    (r"\[", r"\]"),
    ("`", "`"),
    ("**", "**"),
    ("__", "__"),
    ('"', '"'),
    ("“", "”"),
    ("«", "»"),
    ("「", "」"),
)


def tidy(text: str) -> str:
    r"""Return the answer in one spelling: no `$`, no spacing or sizing commands, `\text{…}` for upright words, ASCII
    signs."""
    text = TEXT_POINT.sub(r"\1", ENVIRONMENT.sub(" ", text.replace("...", r"\dots ")))
    text = TEXT_FORMULA.sub(r"\1", text)
    if "~" in text and CONNECTIVE.search(text):  # elsewhere it is a tie: (~a, b~)
        text = NEGATION.sub(r"\\neg ", text)
    if not text.isascii():
        text = without_unicode(text)
    text = (
        unwrap(text + " ").replace(r",\! ", ",").replace(r",\!", ",").replace("\\\\", r"\cr ")
    )  # the end of a row, before `\ ` is read as a space
    text = SPACING.sub(" ", BRACED_COMMA.sub(",", text).replace("{.}", ".").replace("{:}", ":").replace(r"\%", "%"))
    text = text.replace("&=", "=").replace("\n", " ").replace(r"\not=", r"\ne ").replace(r"\not =", r"\ne ")
    text = BRACED_MINUS.sub("-", re.sub(r"(?<!\\)\$", "", text))
    text = FONT_GROUP.sub(r"\\text{", text)
    if r"\times" in text:
        text = CROSS.sub(r"\\vec{\1} \\times \\vec{\2}", text)
    text = UPRIGHT.sub(lambda m: upright(m.group(1)), text)
    text = BARE_FONT.sub("", PAINT.sub("", text))
    text = TEXT.sub(lambda m: in_text(m.group(1)), text)
    text = MODULO.sub(r" \\bmod \1 ", COMMAND.sub(command, text))
    text = rewritten(text)
    text = EULER.sub("e", POWER_OF_TEN.sub(r"\\times ", text))
    if len(text) > 3:  # a shorter one is a name alone at most
        text = with_letters(PI.sub(r"\\pi ", text) if "i" in text or "I" in text else text)
    text = LAST_ROW.sub("", re.sub(r"\s+", " ", unwrap(text)))
    return ANNOUNCING.sub("", text).strip().rstrip(".,;:").strip()


def with_letters(text: str) -> str:
    """Write `omega^2 r` and `2 theta` in LaTeX; neither names alone, which may be words, nor one beside other words,
    `alpha particles`."""
    words = set(WORD.findall(text))
    if not words & LETTERS_BY_NAME or not words <= LETTERS_BY_NAME | FUNCTION_NAMES:
        return text
    if set(BESIDE_NAMES.sub(" ", text).split()) <= LETTERS_BY_NAME:
        return text
    return WORD.sub(lambda word: rf"\{word.group()} " if word.group() in LETTERS_BY_NAME else word.group(), text)


def without_unicode(text: str) -> str:
    """Write Unicode signs, superscripts and subscripts in LaTeX."""
    text = RAISED_ENDING.sub(lambda ending: unicodedata.normalize("NFKC", ending.group()), text)
    text = SUPERSCRIPT.sub(lambda raised: f"^{{{raised.group().translate(RAISED)}}}", text)
    text = SUBSCRIPT.sub(lambda lowered: f"_{{{lowered.group().translate(LOWERED)}}}", text)
    text = re.sub(r"∛\s?(\d+)", r"\\sqrt[3]{\1}", re.sub(r"√\s?(\d+(?:\.\d+)?)", r"\\sqrt{\1}", text))
    for sign, spelling in SYMBOLS.items():
        if sign in text:
            text = text.replace(sign, spelling)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def in_text(words: str) -> str:
    r"""Rewrite the content of `\text{}`, which is usually words but may also be a number or the name of a function."""
    stripped = words.strip()
    if stripped.isdigit() or (stripped and not re.search(r"\w", stripped)):
        return stripped
    return rf"\{stripped} " if stripped in MATH_WORDS - {"min", "max"} else rf"\text{{{words}}}"


def upright(word: str) -> str:
    """Rewrite the content of an upright font: a function's name, words, or a plain symbol."""
    stripped = word.strip()
    if UNIT_RATIO.fullmatch(stripped):
        return rf"\text{{{word}}}"
    if len(stripped) <= 1 or not stripped.replace(" ", "").isalpha():
        return word
    return rf"\{stripped} " if stripped in MATH_WORDS else rf"\text{{{word}}}"


def command(match: re.Match[str]) -> str:
    """Rewrite one command in its usual spelling; drop it if it carries no meaning."""
    name = match.group(1)
    if name in SILENT:
        return " "
    known = COMMANDS.get(name)
    if known is None:
        cuts = (1, 2) if name not in STEMS | NO_STEMS else ()
        stem = next((name[:-size] for size in cuts if name[:-size] in STEMS), None)
        return rf"\{stem} {name[len(stem) :]} " if stem else match.group(0)
    return rf"\{known} " if known.isalpha() else known


def unwrap(text: str) -> str:
    """Remove delimiters, emphasis and quotes around the whole text."""
    while True:
        text = text.strip()
        if text.endswith("\\") and not text.endswith("\\\\"):
            text = text[:-1]
            continue
        if len(text) >= 2 and text[0] == text[-1] == "$" and not text.endswith(r"\$"):
            text = text[1:-1]
            continue
        for opening, closing in WRAPPERS:
            inner = text[len(opening) : -len(closing)]
            if (
                len(text) > len(opening) + len(closing)
                and text.startswith(opening)
                and text.endswith(closing)
                and opening not in inner
                and closing not in inner
            ):
                text = inner
                break
        else:
            return text
