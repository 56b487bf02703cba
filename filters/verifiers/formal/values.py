r"""Reads the values that an answer gives: `x = 3, y = \frac{1}{2}`, `(3, 1/2)`, `p is true, q is false`, `Yes`."""

import re
from fractions import Fraction

from filters.verifiers.mathematics.brackets import closes_at_end, split_top
from filters.verifiers.mathematics.equivalence import spelled
from filters.verifiers.mathematics.expression import parse_expression
from filters.verifiers.mathematics.nodes import NotAnExpression, symbols_of
from filters.verifiers.mathematics.value import NoValue, value_of

Value = Fraction | bool
LONGEST = 2000
SEPARATOR = re.compile(r"[,;\n]|\\\\|(?<![A-Za-z\\])and(?![A-Za-z])|\\text\{\s*and\s*\}")
RELATION = re.compile(r"=|:(?!=)|:=|(?<![A-Za-z])is(?![A-Za-z])")
TRUE, FALSE = {"true", "yes", "t", "entailed", "proved"}, {"false", "no", "f", "contradicted", "disproved", "refuted"}
OPEN = {"unknown", "uncertain", "undetermined", "unprovable", "neither", "cannot be determined", "not determined"}
DECORATION = re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname)\s*\{([^{}]*)\}")

# "x = 8,\ y = 4", "x = 8 \quad y = 4"
SPACING = re.compile(r"(?<!\\)\\(?:[ ,;:!>]|q?quad(?![A-Za-z]))|~")
# "\begin{cases} x &= 8 \\ y &= 4 \end{cases}"
ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:cases|aligned|align\*?|array|gathered)\}(?:\{[lcr]{0,9}\})?|&(?==)")
# "1{,}000"
GROUPED = re.compile(r"(?<=\d)\{,\}(?=\d{3})")
# "(x, y) = (8, 4)"
LISTED = re.compile(r"\(([^()=]{1,400})\)\s{0,9}=\s{0,9}(\(.*\))", re.DOTALL)


def values_of(answer: str, unknowns: tuple[str, ...]) -> dict[str, Value] | None:
    """Return the value of every unknown; None if the answer does not give each of them once, or gives more."""
    text = undecorated(answer[:LONGEST])
    if listed := LISTED.fullmatch(text):
        names = tuple(name.strip() for name in listed.group(1).split(","))
        if sorted(names) != sorted(unknowns):
            return None
        unknowns, text = names, listed.group(2)
    if len(text) > 2 and text[0] in "([{" and closes_at_end(text):
        text = text[1:-1].strip()
    elif text.startswith(r"\{") and text.endswith(r"\}"):
        text = text[2:-2].strip()
    parts = [part.strip() for part in split_top(text, SEPARATOR) if part.strip()]
    if len(parts) != len(unknowns):
        return None
    named = [RELATION.split(part) for part in parts]
    if all(len(sides) == 1 for sides in named):
        pairs = list(zip(unknowns, parts, strict=True))
    elif all(len(sides) == 2 for sides in named):
        pairs = [(name.strip(), value.strip()) for name, value in named]
    else:
        return None
    found = {name: value_in(text) for name, text in pairs}
    if set(found) != set(unknowns):
        return None
    return {name: value for name, value in found.items() if value is not None} if None not in found.values() else None


def value_in(text: str) -> Value | None:
    """Return a truth value or an exact number; None if the text is neither."""
    word = text.casefold().rstrip(".")
    if word in TRUE or word in FALSE:
        return word in TRUE
    try:
        node = parse_expression(spelled(text))
        value = None if symbols_of(node) else value_of(node)
    except (NotAnExpression, NoValue):
        return None
    return Fraction(value) if isinstance(value, int | Fraction) else None


def truth_of(answer: str) -> str | None:
    """Return `true`, `false` or `open` as the answer says of a claim; None if it says none of them."""
    word = " ".join(undecorated(answer[:LONGEST]).casefold().rstrip(".").split())
    for name, words in (("true", TRUE), ("false", FALSE), ("open", OPEN)):
        if word in words:
            return name
    return None


def undecorated(text: str) -> str:
    if text.strip().endswith(r"\right."):  # the brace of a system has no other side
        text = text.replace(r"\left\{", "", 1).replace(r"\right.", "")
    text = ENVIRONMENT.sub(" ", DECORATION.sub(r"\1", SPACING.sub(" ", GROUPED.sub("", text))))
    return text.replace("$", "").replace(r"\left", "").replace(r"\right", "").strip()
