r"""One spelling for what LaTeX and Unicode write in many ways, so that what follows meets one of each."""

import re
import unicodedata

SYMBOLS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "∕": "/", "⁄": "/",
    "π": r"\pi ", "∞": r"\infty ", "√": r"\sqrt ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∪": r"\cup ", "∩": r"\cap ",
    "∈": r"\in ", "∅": r"\emptyset ", "°": r"^\circ ", "º": r"^\circ ", "±": r"\pm ", "≈": r"\approx ", "ℝ": r"\mathbb{R}",
    "、": ",", "，": ",", "；": ";", "。": ".", "（": "(", "）": ")", "【": "[", "】": "]", "：": ":", "％": "%",
    "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "λ": r"\lambda ", "φ": r"\phi ", "′": "'", "’": "'",
    "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8", "⅞": " 7/8",
    "⅙": " 1/6", "⅚": " 5/6", "⅕": " 1/5", "⅖": " 2/5", "⅗": " 3/5", "⅘": " 4/5", "∙": r"\cdot ", "•": r"\cdot ", "⩽": r"\le ",
    "⩾": r"\ge ", "⟨": r"\langle ", "⟩": r"\rangle ", "∠": r"\angle ", "≡": r"\equiv ", "∧": r"\land ", "∨": r"\lor ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ",
    "⌉": r"\rceil ", "∶": ":", "→": r"\to ", "Δ": r"\Delta ", "Ω": r"\Omega ", "ω": r"\omega ", "μ": r"\mu ", "µ": r"\mu ",
    "σ": r"\sigma ", "ρ": r"\rho ", "ε": r"\epsilon ", "ϵ": r"\epsilon ", "δ": r"\delta ", "τ": r"\tau ", "ψ": r"\psi ",
    "η": r"\eta ", "¢": r"\text{ cents}", "…": r"\dots ",
}  # fmt: skip
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
COMMANDS = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom", "leq": "le", "leqslant": "le",
    "geq": "ge", "geqslant": "ge", "neq": "ne", "lt": "<", "gt": ">", "colon": ":", "div": "/", "ast": "*", "wedge": "land", "vee": "lor", "lnot": "neg",
    "varnothing": "emptyset", "lbrack": "[", "rbrack": "]", "lbrace": r"\{", "rbrace": r"\}", "vert": "|", "mid": "|",
    "degree": r"^\circ ", "textdegree": r"^\circ ", "bar": "overline", "dot": "overline",
    "textdollar": r"\$", "pounds": "£", "infin": "infty", "iff": r"\text{ iff }", "mod": r"\bmod ", "varphi": "phi", "varepsilon": "epsilon",
    "lVert": "|", "rVert": "|", "lvert": "|", "rvert": "|", "setminus": r"\setminus ", "backslash": r"\setminus ",
    "nicefrac": "frac", "sfrac": "frac", "bigcup": "cup", "bigcap": "cap", "leqq": "le", "geqq": "ge", "ldots": "dots",
    "cdots": "dots", "rfrac": "frac", "longrightarrow": "to", "rightarrow": "to", "implies": "to", "Rightarrow": "to",
}  # fmt: skip
STEMS = {
    "alpha", "beta", "gamma", "delta", "theta", "lambda", "mu", "nu", "rho", "sigma", "tau", "phi", "psi", "omega", "pi",
    "epsilon", "cdot", "times", "le", "ge", "geqslant", "leqslant", "infty", "sin", "cos", "tan", "ln", "log",
}  # fmt: skip
"""Commands that a data set without its spaces may have run into what follows: `\\omegat`."""
NO_STEMS = {"sinh", "cosh", "tanh", "cosec", "gets"}
SILENT = {
    "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "quad", "qquad", "enspace", "thinspace", "hspace", "hfill",
    "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "left", "right", "middle",
    "cfrac ", "bf", "rm", "it", "centering", "noindent", "allowbreak", "nobreak", "Large", "large", "normalsize", "small", "medspace",
}  # fmt: skip
UPRIGHT = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|mathcal|boldsymbol|bm|mathnormal|operatorname\*?|pmb)\s*\{([^{}]*)\}"
)
# Commands around a group that say nothing of its value.
PAINT = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|mathit|mathsf|mathrm|pmb|underline|textcolor\{\w+\}|color\{\w+\})\s*(?=\{)|\\color\{\w+\}"
)
BARE_FONT = re.compile(r"\\(?:mathrm|mathbf|mathit|mathsf|text|bm|rm|bf)\s*(?=[A-Za-z0-9](?![A-Za-z]))")
FONT_GROUP = re.compile(r"\\(?:rm|bf|it)\s*\{")
TEXT_POINT = re.compile(r"\\text\{\s*([.,:;])\s*\}")
TEXT_FORMULA = re.compile(r"\\text\{\s*\$([^$]*)\$\s*\}")
ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\{(?:equation|displaymath|math|gather)\*?\}|\\tag\{[^{}]*\}|\\(?:left|right)\s*\."
)
MODULO = re.compile(
    r"\(?\s*(?:\\(?:pmod|mod|bmod)|\\text\{\s*mod\s*\}|(?<=\s)mod(?=\s)|(?<=\()mod(?=\s))\s*\{?\s*(\d+|[a-z])\s*\}?\s*\)?"
)
UNIT_RATIO = re.compile(r"[A-Za-z]{1,4}\s?/\s?[A-Za-z]{1,4}")
UNIT_FRACTION = re.compile(r"\\frac\s?\{\s?\\text\{([^{}]*)\}\s?\}\s?\{\s?\\text\{([^{}]*)\}(\^\{?\d\}?)?\s?\}")
DERIVATIVE = re.compile(r"\\frac\s?\{d(?:\^\{?(\d)\}?)?\s?([a-zA-Z])\}\s?\{d\s?[a-z](?:\^\{?\d\}?)?\}")
OLD_FRACTION = re.compile(r"\{([^{}]*)\\(over|choose)(?![a-z])([^{}]*)\}")
CHOOSE = (
    re.compile(r"(?<![\w\\])C\s?\(\s?(\w+)\s?,\s?(\w+)\s?\)"),
    re.compile(r"(?:\{\})?[_^]\{?(\d+)\}?\s?C_\{?(\d+)\}?"),
)
CHOOSE_BELOW = re.compile(r"(?<![\w\\])C_\{?(\d+)\}?\^\{?(\d+)\}?")
TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mbox|hbox|emph|underline)\s*\{([^{}]*)\}")
COMMAND = re.compile(r"\\([A-Za-z]+)\s?")
POWER_OF_TEN = re.compile(r"(?<=\d)\s?[xX*]\s?(?=10\s?\^)")
LAST_ROW = re.compile(r"(?:\s|\\cr(?![a-z])|\\text\{\s*\.?\s*\})+$")
ANNOUNCING = re.compile(
    r"^\s*(?:\\(?:therefore|because|to|Rightarrow|implies)(?![a-z])|\\text\{\s*(?:the |so the )?(?:final )?answer(?: is)?\s*:?\s*\})\s*:?",
    re.IGNORECASE,
)
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
MATH_WORDS = {
    "sin", "cos", "tan", "log", "ln", "exp", "sqrt", "max", "min", "gcd", "lcm", "cot", "sec", "csc", "pi", "arcsin", "arccos",
    "arctan", "arccot", "sinh", "cosh", "tanh", "lg", "arg", "det", "dim",
}  # fmt: skip


def tidy(text: str) -> str:
    r"""The same answer in one spelling: no `$`, spacing or sizing commands, `\text{…}` for upright words, ASCII signs."""
    text = TEXT_POINT.sub(r"\1", ENVIRONMENT.sub(" ", text.replace("...", r"\dots ")))
    text = TEXT_FORMULA.sub(r"\1", text)
    if not text.isascii():
        text = without_unicode(text)
    text = (
        unwrap(text + " ").replace(r",\! ", ",").replace(r",\!", ",").replace("\\\\", r"\cr ")
    )  # a row's end, before `\ ` is taken for a space
    text = SPACING.sub(" ", text.replace("{,}", ",").replace("{.}", ".").replace("{:}", ":").replace(r"\%", "%"))
    text = text.replace("&=", "=").replace("\n", " ").replace(r"\not=", r"\ne ").replace(r"\not =", r"\ne ")
    text = re.sub(r"(?<!\\)\$", "", text)
    text = FONT_GROUP.sub(r"\\text{", text)
    text = UPRIGHT.sub(lambda m: upright(m.group(1)), text)
    text = BARE_FONT.sub("", PAINT.sub("", text))
    text = TEXT.sub(lambda m: in_text(m.group(1)), text)
    text = MODULO.sub(r" \\bmod \1 ", COMMAND.sub(command, text))
    text = rewritten(text)
    text = EULER.sub("e", POWER_OF_TEN.sub(r"\\times ", text))
    text = LAST_ROW.sub("", re.sub(r"\s+", " ", unwrap(text)))
    return ANNOUNCING.sub("", text).strip().rstrip(".,;:").strip()


def without_unicode(text: str) -> str:
    for raised in re.findall("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", text):
        text = text.replace(raised, f"^{{{raised.translate(RAISED)}}}", 1)
    for lowered in re.findall("[₀₁₂₃₄₅₆₇₈₉]+", text):
        text = text.replace(lowered, f"_{{{lowered.translate(LOWERED)}}}", 1)
    text = re.sub(r"∛\s?(\d+)", r"\\sqrt[3]{\1}", re.sub(r"√\s?(\d+(?:\.\d+)?)", r"\\sqrt{\1}", text))
    for sign, spelling in SYMBOLS.items():
        if sign in text:
            text = text.replace(sign, spelling)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def rewritten(text: str) -> str:
    """Several notations of one thing: fractions, binomials, derivatives, units over units."""
    if "over" in text or "choose" in text:
        text = OLD_FRACTION.sub(
            lambda m: rf"\{'frac' if m.group(2) == 'over' else 'binom'}{{{m.group(1)}}}{{{m.group(3)}}}", text
        )
    if r"\frac" in text:
        text = UNIT_FRACTION.sub(r"\\text{\1/\2}\3", text)
        text = DERIVATIVE.sub(lambda m: m.group(2) + "'" * int(m.group(1) or 1), text)
    if "C" in text:
        for pattern in CHOOSE:
            text = pattern.sub(r"\\binom{\1}{\2}", text)
        text = CHOOSE_BELOW.sub(lambda m: binomial(m.group(1), m.group(2)), text)
    text = re.sub(r"\^\s?(?:\{\s?((?:\\prime\s?)+)\}|(\\prime))", lambda m: "'" * m.group().count("prime"), text)
    text = re.sub(r"\\(triangle|angle)\s?\{(\w+)\}", r"\\\1 \2", text)
    return re.sub(r"\\mathbb\s?([A-Z])", r"\\mathbb{\1}", text)


def binomial(one: str, other: str) -> str:
    """`C_5^2` and `C_2^5` are both written; the greater is on top."""
    return rf"\binom{{{max(int(one), int(other))}}}{{{min(int(one), int(other))}}}"


def in_text(words: str) -> str:
    """What stands in `\\text{}`, words as a rule, but also numbers and names of functions."""
    stripped = words.strip()
    if stripped.isdigit() or (stripped and not re.search(r"\w", stripped)):
        return stripped
    return rf"\{stripped} " if stripped in MATH_WORDS - {"min", "max"} else rf"\text{{{words}}}"


def upright(word: str) -> str:
    stripped = word.strip()
    if UNIT_RATIO.fullmatch(stripped):
        return rf"\text{{{word}}}"
    if len(stripped) <= 1 or not stripped.replace(" ", "").isalpha():
        return word
    return rf"\{stripped} " if stripped in MATH_WORDS else rf"\text{{{word}}}"


def command(match: re.Match[str]) -> str:
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
