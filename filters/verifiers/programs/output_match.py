"""Whether a program's output is the expected one: token by token, decimals within a tolerance."""

import re

TOLERANCE = 1e-9
INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def same_output(expected: str, output: str, tolerance: float = TOLERANCE) -> bool:
    """Split both at white space; as many tokens, each the same as the other, in order."""
    left, right = expected.split(), output.split()
    return len(left) == len(right) and all(
        wanted == given or same_decimal(wanted, given, tolerance) for wanted, given in zip(left, right, strict=True)
    )


def same_decimal(wanted: str, given: str, tolerance: float) -> bool:
    """Within the tolerance, absolute or relative to the expected number. An expected integer is compared as text."""
    if INTEGER.fullmatch(wanted) or not (DECIMAL.fullmatch(wanted) and DECIMAL.fullmatch(given)):
        return False
    number = float(wanted)
    return abs(number - float(given)) <= tolerance * max(1.0, abs(number))
