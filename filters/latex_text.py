r"""One spelling for what LaTeX and Unicode write in many ways, so that what follows meets one of each."""

import re
import unicodedata

SYMBOLS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "∕": "/", "⁄": "/",
    "π": r"\pi ", "∞": r"\infty ", "√": r"\sqrt ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∪": r"\cup ", "∩": r"\cap ",
    "∈": r"\in ", "∅": r"\emptyset ", "°": r"^\circ ", "º": r"^\circ ", "±": r"\pm ", "≈": r"\approx ", "ℝ": r"\mathbb{R}",
    "、": ",", "，": ",", "；": ";", "。": ".", "（": "(", "）": ")", "【": "[", "】": "]", "：": ":", "％": "%",
    "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "λ": r"\lambda ", "φ": r"\phi ", "′": "'", "’": "'",
    "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3",
}  # fmt: skip
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
COMMANDS = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom", "leq": "le", "leqslant": "le",
    "geq": "ge", "geqslant": "ge", "neq": "ne", "lt": "<", "gt": ">", "colon": ":", "div": "/", "ast": "*", "land": r"\text{ and }",
    "varnothing": "emptyset", "lbrack": "[", "rbrack": "]", "lbrace": r"\{", "rbrace": r"\}", "vert": "|", "mid": "|",
    "lor": r"\text{ or }", "degree": r"^\circ ", "textdegree": r"^\circ ", "bar": "overline", "dot": "overline",
    "textdollar": r"\$", "pounds": "£", "infin": "infty", "iff": r"\text{ iff }", "mod": r"\bmod ", "varphi": "phi", "varepsilon": "epsilon",
    "lVert": "|", "rVert": "|", "lvert": "|", "rvert": "|", "setminus": r"\setminus ", "backslash": r"\setminus ",
    "longrightarrow": "to", "rightarrow": "to", "implies": "to", "Rightarrow": "to",
}  # fmt: skip
SILENT = {
    "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "quad", "qquad", "enspace", "thinspace", "hspace", "hfill",
    "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "left", "right", "middle",
    "cfrac ", "bf", "rm", "it", "centering", "noindent", "allowbreak", "nobreak", "Large", "large", "normalsize", "small", "medspace",
}  # fmt: skip
UPRIGHT = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|mathcal|boldsymbol|bm|mathnormal|operatorname\*?|pmb)\s*\{([^{}]*)\}"
)
TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mbox|hbox|emph|underline)\s*\{([^{}]*)\}")
COMMAND = re.compile(r"\\([A-Za-z]+)\s?")
EULER = re.compile(r"(?<![A-Za-z\\_])E(?=\*\*)")
"""sympy prints Euler's number as `E**x`."""
SPACING = re.compile(r"\\[,;:!> ]|~|\\hspace\{[^{}]*\}|\\vspace\{[^{}]*\}|\\phantom\{[^{}]*\}|[​‌﻿⁠]")
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
MATH_WORDS = {"sin", "cos", "tan", "log", "ln", "exp", "sqrt", "max", "min", "gcd", "lcm", "cot", "sec", "csc", "pi"}


def tidy(text: str) -> str:
    r"""The same answer in one spelling: no `$`, spacing or sizing commands, `\text{…}` for upright words, ASCII signs."""
    for raised in re.findall("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", text):
        text = text.replace(raised, f"^{{{raised.translate(RAISED)}}}", 1)
    for lowered in re.findall("[₀₁₂₃₄₅₆₇₈₉]+", text):
        text = text.replace(lowered, f"_{{{lowered.translate(LOWERED)}}}", 1)
    for sign, spelling in SYMBOLS.items():
        if sign in text:
            text = text.replace(sign, spelling)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = unwrap(text + " ").replace(r",\!", ",").replace("\\\\", r"\cr ")  # a row's end, before `\ ` is taken for a space
    text = SPACING.sub(" ", text.replace("{,}", ",").replace("{.}", ".").replace("{:}", ":").replace(r"\%", "%"))
    text = text.replace("&=", "=").replace("\n", " ")
    text = re.sub(r"(?<!\\)\$", "", text)
    text = UPRIGHT.sub(lambda m: upright(m.group(1)), text)
    text = TEXT.sub(lambda m: rf"\text{{{m.group(1)}}}", text)
    text = COMMAND.sub(command, text)
    text = EULER.sub("e", text)
    return re.sub(r"\s+", " ", unwrap(text)).strip().rstrip(".,;:").strip()


def upright(word: str) -> str:
    stripped = word.strip()
    if len(stripped) <= 1 or not stripped.replace(" ", "").isalpha():
        return word
    return rf"\{stripped} " if stripped in MATH_WORDS else rf"\text{{{word}}}"


def command(match: re.Match[str]) -> str:
    name = match.group(1)
    if name in SILENT:
        return " "
    known = COMMANDS.get(name)
    if known is None:
        return match.group(0)
    return rf"\{known} " if known.isalpha() else known


def unwrap(text: str) -> str:
    """Without delimiters, emphasis or quotes around the whole."""
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
