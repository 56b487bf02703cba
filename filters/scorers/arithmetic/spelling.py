r"""Brings a step to one spelling: `\dfrac{1}{2} \times \$3` becomes `\frac{1}{2} * $3`."""

import re

SIGNS = {
    **dict.fromkeys("×·⋅∙✕", " * "), **dict.fromkeys("−﹣－", "-"), **dict.fromkeys("≃≅∼", "≈"),
    **dict.fromkeys("≦⩽", "≤"), **dict.fromkeys("≧⩾", "≥"), "∕": " / ", "⁄": "/", "＝": "=", "＋": "+", "＜": "<",
    "＞": ">", "（": "(", "）": ")",
    "，": ", ", "：": ": ", "。": ". ", "；": "; ", "？": "? ", "％": "%", "°": " degrees ",
    "π": r" \pi ", "√": r"\sqrt ",
    "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)", "⅕": "(1/5)", "⅛": "(1/8)", "…": " … ",
    "\u00a0": " ", "\u202f": " ",
}  # fmt: skip
TABLE = str.maketrans(SIGNS)
# "√26"
ROOT = re.compile(r"√\s?(\d+(?:\.\d+)?)")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# "3²"
SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]{1,8}")
SPELLINGS = {
    " * ": "times cdot ast bullet", " ÷ ": "div", " ≤ ": "le leq leqslant", " ≥ ": "ge geq geqslant", " < ": "lt",
    " > ": "gt", " ≠ ": "ne neq", " ≈ ": "approx simeq doteq thickapprox sim", " ≡ ": "equiv",
    " … ": "dots ldots cdots",
    "": "left right big Big bigg Bigg bigl bigr displaystyle limits", " , ": "quad qquad hspace hfill",
    r"\frac": "dfrac tfrac cfrac", r"\binom": "dbinom tbinom", " degrees ": "circ degree",
    " → ": "Rightarrow rightarrow implies to therefore because iff Longrightarrow",
    " ": "text mathrm textbf mathbf textit mbox operatorname textrm boxed fbox",
}  # fmt: skip
COMMANDS = {name: spelling for spelling, names in SPELLINGS.items() for name in names.split()}
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
CONTINUED = re.compile(
    r"(?:\\\\(?:\[[^\]\n]{0,10}\])?|\n)\s{0,20}+&?\s{0,20}+(?=(?:=|<(?!<)|≤|≥|≈|\\(?:le|ge|approx)))"
)
ROW_END = re.compile(r"\\\\(?:\[[^\]\n]{0,10}\])?|\n")
# "<<75/55=1.4>>": GSM8K's calculator
CALCULATION = re.compile(r"<<([^<>]{1,200})>>")
# "**8**": bold type, while 2**3 is a power
BOLD = re.compile(r"(?<!\d)\*\*|\*\*(?!\d)|__|`")
POWER = re.compile(r"(?<=\d)\*\*(?=\d)")
# "5 x 3"; in "2x3", x may be a variable
CROSS = re.compile(r"(?<=[\d)%])\s[xX]\s(?=[\d($])")
# "- 5 + 3 = 8", "* 5": an item of a list; in a display, a line may begin with an operator
BULLET = re.compile(r"^[^\S\n]{0,40}(?:[-*+•>][^\S\n]{1,9}){1,3}", re.MULTILINE)
ITEM = "•"
"""Stands for an item's dash, which may be meant as the sign of what follows: `- 2 + 3 = 1`."""
DISPLAY = re.compile(r"\\\[|\$\$|\\begin")
# "\begin{pmatrix}": its rows are no operands
ROWS = re.compile(r"\\(?:begin|end)\{(?:[a-zA-Z]{0,9}matrix|array|cases)\*?\}")
# "20 percent"
PERCENT = re.compile(r"(?<=\d)\s?per\s?cent\b")


def calculations(step: str) -> tuple[str, list[str]]:
    """Return the step without its calculator's annotations, and their contents."""
    found = CALCULATION.findall(step)
    return (CALCULATION.sub("", step), found) if found else (step, [])


def item(bullet: re.Match[str]) -> str:
    return f"{ITEM} " if bullet[0].rstrip().endswith("-") else ""


def spelled(step: str) -> str:
    """Return the step in one spelling. Linear in its length."""
    if not step.isascii():
        step = SUPERSCRIPT.sub(lambda match: f"^{{{match[0].translate(RAISED)}}}", step)
        step = ROOT.sub(r"\\sqrt{\1}", step).translate(TABLE)
    step = step.replace("{,}", ",")
    if "\\" in step:
        step = step.replace(r"\$", "$").replace(r"\%", "%").replace("{.}", ".")
        step = DEGREES.sub(" degrees ", WORDS.sub(r" \1 ", ENVIRONMENT.sub(" ", ROWS.sub(" # ", step))))
    if "\n" in step and DISPLAY.search(step):
        step = BULLET.sub(item, step, count=1) if BULLET.match(step) else step
    else:
        step = BULLET.sub(item, step)
    step = ROW_END.sub(" ; ", CONTINUED.sub(" ", step))
    if "\\" in step:
        step = COMMAND.sub(lambda match: COMMANDS.get(match[1], f"\\{match[1]} "), SPACING.sub(" ", step))
    step = step.replace("&", " ").replace("...", " … ")
    return PERCENT.sub("%", CROSS.sub(" * ", BOLD.sub(" ", POWER.sub("^", step))))
