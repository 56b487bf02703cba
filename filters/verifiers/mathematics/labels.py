r"""Matches what may stand alone on one side of a relation and only names the other side: `x`, `f(x)`, `\text{area}`."""

import re

LABELS = (
    r"\\text\{[^{}]*\}",  # "\text{area}"
    r"\([a-z]\)",  # "(a)"
    r"[A-Za-z](?:_(?:\w|\{\w+\}))?'*",  # "x_{max}"
    r"\\[a-z]+(?:_(?:\w|\{\w+\}))?",  # "\theta_1"
    r"[A-Za-z]'*(?:\^\{-1\})?\s?\(\s*[\w, ]+\s*\)",  # "f^{-1}(x)"
    r"[A-Za-z][A-Za-z ]+",  # "total cost"
    r"\|?[A-Z]{2,3}\|?",  # "|AB|"
    r"\|[A-Za-z]{1,3}\|",  # "|x|"
    r"\\angle\s?[A-Z]{1,3}",  # "\angle ABC"
    r"[A-Z]\([^()]*\)",  # "P(A > 2)"
    r"[a-z](?:\s?\+\s?[a-z]){1,4}",  # "a + b + c"
    r"[a-zA-Z](?:\s?:\s?[a-zA-Z]){1,3}",  # "a : b"
    r"\\overline\s?\{?[A-Z]{2,3}\}?",  # "\overline{AB}"
    r"\\det\s?\(?[A-Z]\)?",  # "\det(A)"
    r"\\frac\{d(?:\^\{?\d\}?)?\s?[a-z]?\}\{d\s?[a-z](?:\^\{?\d\}?)?\}",  # "\frac{dy}{dx}"
    r"\\(?:sin|cos|tan|cot|sec|csc|ln|log|arg)\s?\(?\s?(?:\\?[A-Za-z]{1,5}|\\angle\s?[A-Z]{1,3})\s?\)?",  # "\sin \theta"
)
# "f^{-1}(x)"
LABEL = re.compile(rf"^(?:{'|'.join(LABELS)})$")
