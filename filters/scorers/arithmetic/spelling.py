r"""Brings a step to one spelling: `\dfrac{1}{2} \times \$3` becomes `\frac{1}{2} * $3`."""

import re

SIGNS = {
    **dict.fromkeys("×·⋅∙✕", " * "), "∕": " / ", **dict.fromkeys("−﹣－", "-"), **dict.fromkeys("＝", "="),
    **dict.fromkeys("≃≅∼", "≈"), **dict.fromkeys("≦⩽", "≤"), **dict.fromkeys("≧⩾", "≥"), "（": "(", "）": ")", "，": ", ", "：": ": ",
    "。": ". ", "；": "; ", "？": "? ", "％": "%", "°": " degrees ", "π": r" \pi ", "√": r"\sqrt ", "½": "(1/2)", "¼": "(1/4)",
    "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)", "⅕": "(1/5)", "⅛": "(1/8)", "…": " … ", "⁄": "/", "\u00a0": " ", "\u202f": " ",
    "＋": "+", "＜": "<", "＞": ">",
}  # fmt: skip
TABLE = str.maketrans(SIGNS)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# "3²"
SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]{1,8}")
COMMANDS = {
    **dict.fromkeys(("times", "cdot", "ast", "bullet"), " * "), "div": " ÷ ", **dict.fromkeys(("le", "leq", "leqslant"), " ≤ "),
    **dict.fromkeys(("ge", "geq", "geqslant"), " ≥ "), **dict.fromkeys(("lt",), " < "), **dict.fromkeys(("gt",), " > "),
    **dict.fromkeys(("ne", "neq"), " ≠ "), **dict.fromkeys(("approx", "simeq", "doteq", "thickapprox", "sim"), " ≈ "),
    **dict.fromkeys(("equiv",), " ≡ "), **dict.fromkeys(("dots", "ldots", "cdots"), " … "),
    **dict.fromkeys(("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "displaystyle", "limits"), ""),
    **dict.fromkeys(("quad", "qquad", "hspace", "hfill"), " , "),
    **dict.fromkeys(("dfrac", "tfrac", "cfrac"), r"\frac"), **dict.fromkeys(("dbinom", "tbinom"), r"\binom"),
    **dict.fromkeys(("Rightarrow", "rightarrow", "implies", "to", "therefore", "because", "iff", "Longrightarrow"), " → "),
    **dict.fromkeys(("text", "mathrm", "textbf", "mathbf", "textit", "mbox", "operatorname", "textrm", "boxed", "fbox"), " "),
    "circ": " degrees ", "degree": " degrees ",
}  # fmt: skip
# "\dfrac", "\times"
COMMAND = re.compile(r"\\([A-Za-z]{1,20})")
# "\,", "\!", "{,}", "\ "
SPACING = re.compile(r"\\[,;:!> ]|~")
# "\text{ apples}", "\boxed{8}": the braces are none of the formula's
WORDS = re.compile(r"\\(?:text|mathrm|textbf|mathbf|textit|textrm|mbox|operatorname)\s?\{([^{}]{0,200})\}")
# "90^\circ", "90^{\circ}"
DEGREES = re.compile(r"\^\s?\{?\s?\\circ\s?\}?")
# "\begin{align*}"
ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[A-Za-z]{1,20}\*?\}(?:\{[lcr|]{0,20}\})?")
# "\\ &= 8", "\\[2pt]\n = 8", "\n&= 8": the chain goes on in the next line
CONTINUED = re.compile(r"(?:\\\\(?:\[[^\]\n]{0,10}\])?|\n)\s{0,20}&?\s{0,20}(?=(?:=|<(?!<)|≤|≥|≈|\\(?:le|ge|approx)))")
ROW_END = re.compile(r"\\\\(?:\[[^\]\n]{0,10}\])?|\n")
# "<<75/55=1.4>>": GSM8K's calculator
CALCULATION = re.compile(r"<<([^<>]{1,200})>>")
# "**8**": bold type, while 2**3 is a power
BOLD = re.compile(r"(?<!\d)\*\*|\*\*(?!\d)|__|`")
POWER = re.compile(r"(?<=\d)\*\*(?=\d)")
# "5 x 3"; in "2x3", x may be a variable
CROSS = re.compile(r"(?<=[\d)%])\s[xX]\s(?=[\d($])")
# "- 5 + 3 = 8", "* 5": an item of a list
BULLET = re.compile(r"^\s{0,40}(?:[-*+•>]\s{1,9}){1,3}")
# "20 percent"
PERCENT = re.compile(r"(?<=\d)\s?per\s?cent\b")


def calculations(step: str) -> tuple[str, list[str]]:
    """Return the step without its calculator's annotations, and their contents."""
    found = CALCULATION.findall(step)
    return (CALCULATION.sub("", step), found) if found else (step, [])


def spelled(step: str) -> str:
    """Return the step in one spelling. Linear in its length."""
    if not step.isascii():
        step = SUPERSCRIPT.sub(lambda match: f"^{{{match[0].translate(RAISED)}}}", step).translate(TABLE)
    if "\\" in step:
        step = step.replace("{,}", ",").replace(r"\$", "$").replace(r"\%", "%").replace("{.}", ".")
        step = DEGREES.sub(" degrees ", WORDS.sub(r" \1 ", ENVIRONMENT.sub(" ", step)))
    step = CONTINUED.sub(" ", BULLET.sub("", step))
    step = ROW_END.sub(" ; ", step)
    if "\\" in step:
        step = COMMAND.sub(lambda match: COMMANDS.get(match[1], f"\\{match[1]} "), SPACING.sub(" ", step))
    step = step.replace("&", " ").replace("...", " … ")
    return PERCENT.sub("%", CROSS.sub(" * ", BOLD.sub(" ", POWER.sub("^", step))))
