r"""Maps the many spellings of Unicode and LaTeX to one each, and lists commands that carry no meaning."""

SYMBOLS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‒": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "∕": "/", "⁄": "/",
    "π": r"\pi ", "∞": r"\infty ", "√": r"\sqrt ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∪": r"\cup ", "∩": r"\cap ",
    "∈": r"\in ", "∅": r"\emptyset ", "℃": r"^\circ C", "°": r"^\circ ", "º": r"^\circ ", "±": r"\pm ", "≈": r"\approx ", "ℝ": r"\mathbb{R}",
    "、": ",", "，": ",", "；": ";", "。": ".", "（": "(", "）": ")", "【": "[", "】": "]", "：": ":", "％": "%",
    "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "λ": r"\lambda ", "φ": r"\phi ", "′": "'", "’": "'",
    "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8", "⅞": " 7/8",
    "⅙": " 1/6", "⅚": " 5/6", "⅕": " 1/5", "⅖": " 2/5", "⅗": " 3/5", "⅘": " 4/5", "∙": r"\cdot ", "•": r"\cdot ", "⩽": r"\le ",
    "⩾": r"\ge ", "⟨": r"\langle ", "⟩": r"\rangle ", "∠": r"\angle ", "≡": r"\equiv ", "∧": r"\land ", "∨": r"\lor ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ",
    "⌉": r"\rceil ", "∶": ":", "→": r"\to ", "Δ": r"\Delta ", "Ω": r"\Omega ", "ω": r"\omega ", "μ": r"\mu ", "µ": r"\mu ",
    "σ": r"\sigma ", "ρ": r"\rho ", "ε": r"\epsilon ", "ϵ": r"\epsilon ", "δ": r"\delta ", "τ": r"\tau ", "ψ": r"\psi ",
    "η": r"\eta ", "¢": r"\text{ cents}", "…": r"\dots ", "ℤ": r"\mathbb{Z}", "∀": r"\forall ", "∃": r"\exists ",
}  # fmt: skip
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ⁿⁱᵃᵇᶜᵈᵏᵐᵖʳˢᵗˣʸᶻ", "0123456789-+()niabcdkmprstxyz")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₋₊₍₎ₙᵢⱼₖₘₐₓₜ", "0123456789-+()nijkmaxt")
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
r"""Commands that a data set which lost its spaces may have run into the next word: `\omegat`."""
NO_STEMS = {"sinh", "cosh", "tanh", "cosec", "gets"}
SILENT = {
    "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "quad", "qquad", "enspace", "thinspace", "hspace", "hfill",
    "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "left", "right", "middle",
    "cfrac ", "bf", "rm", "it", "centering", "noindent", "allowbreak", "nobreak", "Large", "large", "normalsize", "small", "medspace",
}  # fmt: skip
MATH_WORDS = {
    "sin", "cos", "tan", "log", "ln", "exp", "sqrt", "max", "min", "gcd", "lcm", "cot", "sec", "csc", "pi", "arcsin", "arccos",
    "arctan", "arccot", "sinh", "cosh", "tanh", "lg", "arg", "det", "dim",
}  # fmt: skip
"""Names of functions and constants that LaTeX writes upright."""
