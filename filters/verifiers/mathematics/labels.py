r"""Matches what may stand alone on one side of a relation and only names the other side: `x`, `f(x)`, `\text{area}`."""

import re

# A vector or a segment, such as |\vec{a}|.
SEGMENT = r"\|?\s?\\(?:overrightarrow|overline|vec)\s?\{?[A-Za-z]{1,2}\}?\s?\|?"
LABELS = (
    r"\\text\{[^{}]*\}",  # "\text{area}"
    r"\([a-z]\)",  # "(a)"
    r"[A-Za-z](?:_(?:\w|\\[a-z]+|\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}))?'*",  # "x_{max}", "q_{\max}"
    r"\\[A-Za-z]+(?:_(?:\w|\{[^{}]*\}))?",  # "\theta_1", "\Phi"
    r"\\Delta\s?[A-Za-z](?:_(?:\w|\{[^{}]*\}))?",  # "\Delta x"
    r"\\(?:hat|bar|tilde|d?dot|widehat)\s?\{?[A-Za-z]{1,3}\}?",  # "\hat{y}"
    r"(?:\\sigma|\\chi|[A-Zs])\s?\^\s?\{?2\}?",  # "\sigma^2", "R^2"
    r"[A-Za-z]'*(?:\^\{-1\})?\s?\(\s*[\w, ]+\s*\)",  # "f^{-1}(x)"
    r"[A-Za-z][A-Za-z ]+",  # "total cost"
    r"\|?[A-Z]{2,3}\|?",  # "|AB|"
    r"\|[A-Za-z]{1,3}\|",  # "|x|"
    r"m?\s?\\angle\s?[A-Z]{1,3}",  # "m\angle ABC"
    r"\|\s?[A-Z]\s?\\c[au]p\s?[A-Z]\s?\||\\\|\s?[a-z]\s?\\\|",  # "|A \cup B|", "\|v\|"
    r"(?:[A-Z]|[fgh]'*|n(?=\([A-Z])|\\(?:phi|psi))\s?\([^()]*(?:\([^()]*\)[^()]*)?\)",  # "P(A > 2)", "f(\frac{2\pi}{3})"
    r"(?:[A-Z]|\\mathbb\{[A-Z]\}|\\text\{\s?[A-Za-z]{1,6}\s?\})\s?(?:\([^()]*\)|\[[^\[\]]*\])",  # "E[X]"
    r"\\frac\{(?:[A-Z]{1,3}\}\{[A-Z]{1,3}|[a-z]\}\{[a-z])\}",  # "\frac{NO}{BO}", "\frac{x}{y}"
    rf"{SEGMENT}(?:\s?\\(?:cdot|times)\s?{SEGMENT})?",  # "\vec{a} \cdot \vec{b}"
    r"\\(?:min|max)(?:_\{[^{}]*\})?\s?(?:[a-zA-Z](?:\([a-z]\))?)?",  # "\max f(x)"
    r"[a-z](?:\s?\+\s?[a-z]){1,4}",  # "a + b + c"
    r"[a-zA-Z](?:_(?:\w|\{\w+\}))?(?:\s?:\s?[a-zA-Z](?:_(?:\w|\{\w+\}))?){1,3}",  # "S_1 : S"
    r"\\overline\s?\{?[A-Z]{2,3}\}?",  # "\overline{AB}"
    r"\\det\s?\(?[A-Z]\)?",  # "\det(A)"
    r"\\frac\{d(?:\^\{?\d\}?)?\s?[a-z]?\}\{d\s?[a-z](?:\^\{?\d\}?)?\}",  # "\frac{dy}{dx}"
    r"\\frac\{\\partial(?:\^\{?\d\}?)?\s?[a-z]?\}\{(?:\\partial\s?[a-z](?:\^\{?\d\}?)?\s?){1,3}\}",  # "\frac{\partial f}{\partial x}"
    r"\\(?:sin|cos|tan|cot|sec|csc|ln|log|arg)\s?\(?\s?(?:\\?[A-Za-z]{1,5}|\\angle\s?[A-Z]{1,3})\s?\)?",  # "\sin \theta"
)
# "f^{-1}(x)"
LABEL = re.compile(rf"^(?:{'|'.join(LABELS)})$")
