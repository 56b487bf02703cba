r"""Tells whether the words around a box name another value beside it: "7 or \boxed{5}", "\boxed{5} or 7"."""

import re

from filters.verifiers.mathematics.equivalence import same_answer
from filters.verifiers.mathematics.exact import floating
from filters.verifiers.mathematics.relations import number_of
from filters.verifiers.mathematics.undecided import Undecided
from filters.verifiers.mathematics.units import unit_name

AROUND = 120
"""Characters before and after a box in which an alternative is looked for."""
OR = r"(?:\bor\b|\boder\b|\bou\b|(?<!\w)или(?!\w)|或者?|または|또는)"
SIGNED = r"[-+−]?\s?(?:\\?[$€£])?"
GROUP = r"\{[^{}]{0,30}(?:\{[^{}]{0,20}\}[^{}]{0,20})?\}"
NUMBER = (
    rf"{SIGNED}(?:\d[\d,]{{0,20}}(?:\.\d{{1,20}})?(?:/\d{{1,9}})?|\\[dt]?frac{GROUP}{GROUP}|\\sqrt{GROUP})(?:\\?%)?"
)
# A value, plain or in dollars.
VALUE = rf"(?:\$([^$\n]{{1,60}})\$|\\\(([^\n]{{1,60}}?)\\\)|({NUMBER}))"
NOUN = r"(?:\s?(?:\\text\{\s?)?([A-Za-z]{1,15})\}?)?"
# "7 apples, or $x = "
BEFORE = re.compile(
    rf"(?:(?<=[\s=:(,$])|^){VALUE}{NOUN}[\s,;]{{0,3}}\$?(?:\\text\{{)?\s{{0,3}}{OR}\s{{0,3}}\}}?"
    r"(?:(?:perhaps|maybe|possibly|else)\s)?[\s$(\[{*\\]{0,6}(?:([A-Za-z]\w{0,3})\s?=\s?)?[$\s]{0,3}$",
    re.IGNORECASE,
)
# " apples or $x = 7$."
AFTER = re.compile(
    rf"{NOUN}[\s$()*\]\\,]{{0,6}}(?:\\text\{{)?\s{{0,3}}{OR}\s{{0,3}}\}}?(?:(?:perhaps|maybe|possibly|else)\s)?"
    rf"[\s*]{{0,4}}(?:[A-Za-z]\w{{0,3}}\s?=\s?)?{VALUE}{NOUN}(?![\w\\^_])",
    re.IGNORECASE,
)
# "$ apples"
FIRST_WORD = re.compile(r"[\s$)*\]\\}]{0,6}(?:\\text\{\s?)?([A-Za-z]{1,15}|%)")
# "percentage"
PERCENT = re.compile(r"percent|pct|%", re.IGNORECASE)
# "x = 7"
NAMED = re.compile(r"^\s{0,3}\\?[A-Za-z]\w{0,3}\s?=\s?")
# "2x = 6"
RELATION = re.compile(r"[=<>]|\\(?:le|ge|ne|lt|gt|approx|in|to)(?![a-z])|\\[lg]eq")
"""What stands beside the box is an equation that it solves, not another value."""
PLAIN = re.compile(r"[-+−]?[\d.,/]{1,40}")
# "or"
JOINING = re.compile("or|oder|ou|или|或|または|또는", re.IGNORECASE)
"""One of them is in every text that names an alternative: most texts hold none, and need no search."""
ROUNDED = 0.02
"""Numbers that differ by less than this share are one number, rounded: "1/3 or 0.33"."""


def names_another(before: str, boxed: str, after: str) -> bool:
    """Return True if a value that differs from the box is joined to it by "or". The same value in another spelling or
    in another unit restates it, and words that are no value say nothing."""
    near, following = before[-AROUND:], after[:AROUND]
    if JOINING.search(near) and (found := BEFORE.search(near)):
        noun = FIRST_WORD.match(following)
        if is_other(found.group(1) or found.group(2) or found.group(3), found.group(4), boxed, noun and noun.group(1)):
            return True
    if following and JOINING.search(following) and (found := AFTER.match(following)):
        return is_other(found.group(2) or found.group(3) or found.group(4), found.group(5), boxed, found.group(1))
    return False


def is_other(value: str, noun: str | None, boxed: str, boxed_noun: str | None) -> bool:
    """Return True if a value, with the noun after it, differs from the content of a box, with the noun after that."""
    value, boxed = NAMED.sub("", value).strip(), NAMED.sub("", boxed).strip()
    if (
        not re.search(r"\d|\\pi", value)
        or RELATION.search(value)
        or (noun and boxed_noun and noun.lower() != boxed_noun.lower())
    ):
        return False
    if (noun or boxed_noun) and unit_name(noun or boxed_noun or "") and not PLAIN.fullmatch(boxed):
        return False
    if boxed_noun and PERCENT.match(boxed_noun):
        boxed += r"\%"
    try:
        if same_answer(boxed, value):
            return False
    except Undecided:
        return False
    one, other = number_of(boxed), number_of(value)
    if one is None or other is None:
        return True
    return not abs(floating(one) - floating(other)) <= ROUNDED * abs(floating(one))
