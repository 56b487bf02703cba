r"""Reads a box that is a part of a formula: `x = -\boxed{5}` is -5, and `\boxed{5} \times 10^3` is 5000."""

import re

AROUND = 60
"""Characters before and after a box in which the rest of its formula is looked for."""
# "$-", "= 2 \cdot ", "$\sqrt{"
BEFORE = re.compile(
    r"(?:(?<!\\)\$|\\\(|\\\[|=)\s{0,3}([-−]|\\[mp][mp]|[-−]?\d{1,9}(?:\.\d{1,9})?\s?(?:\\cdot|\\times|[-*+−])"
    r"|[-−]?\\(?:sqrt(?:\[\d\])?|[dt]?frac(?:\{[^{}$]{1,20}\})?)\s?\{|\d{1,9}\^\{|\\(?:log|ln|sin|cos|tan)\s?)\s{0,2}$"
)
# "^2$", " \times 10^3$", "}{7}$", " + C"
AFTER = re.compile(
    r"((?: ?\^(?!\s?\{?\s?(?:\\circ|\\text|[a-z]{2}))| ?/| ?\\(?:times|cdot|sqrt|pi)(?![a-z])|i(?=\$)| ?[-+](?= ?[\d\\A-Za-z])|\})"
    r"(?:\d|[-+*/^{}()., ]|\\[A-Za-z]{1,10}|(?<![A-Za-z])[A-Za-z](?![A-Za-z])){0,40}?)"
    r"\s{0,3}(?:(?<!\\)\$|\\\)|\\\]|[.,;]?\s{0,3}$)"
)
"""A degree sign or an ordinal's ending is no power."""


def formula_around(before: str, content: str, after: str) -> str:
    """Return the content of a box with what its formula has before and after it."""
    opening, closing = BEFORE.search(before[-AROUND:]), AFTER.match(after[:AROUND])
    start, end = opening[1] if opening else "", closing[1] if closing else ""
    if (not start and not end) or (start + end).count("{") != (start + end).count("}"):
        return content
    return f"{start}({content}){end}"
