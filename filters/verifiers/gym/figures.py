"""Checks of answers that are numbers, by the entry's own answer and what the question asks of them."""

import json
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from filters.verifiers.mathematics.equivalence import same_answer
from filters.verifiers.mathematics.undecided import Undecided

Entry = dict[str, Any]
LONGEST = 400
"""Characters of a number that is read."""
# "\frac{1}{2}", "1/2"
FRACTION = re.compile(r"\$?\s?(?:\\d?frac\s?\{\s?(\d+)\s?\}\s?\{\s?(\d+)\s?\}|(\d+)\s?/\s?(\d+))\s?\$?")
# "12 days, 03:04:05.250"
DURATION = re.compile(r"(?:(-?\d{1,9})(?: days?|$))?(?:,? ?(-?\d{1,4}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?)?")
# "(7.765, 7.882)"
POINT = re.compile(r"\(?[-+]?\d{1,20}(?:\.\d{1,20})?, ?[-+]?\d{1,20}(?:\.\d{1,20})?\)?")
# "3 - 4.5i", "(1e-3 + 2j)"
COMPLEX = re.compile(r"[-+.()\dij e]{1,400}", re.IGNORECASE)
NO_SOLUTION = {"", '""', "''"}
HALF_A_HUNDREDTH = Decimal("0.0051")
"""Tolerance of a number that is asked for with two decimals; the last digit of the reference may be a double's."""
SIGNIFICANT = Fraction(1, 2000)
"""Relative tolerance of three significant digits."""


def number_of(text: str) -> Decimal | None:
    """Return a finite decimal number; None for any other text."""
    try:
        number = Decimal(text.strip()) if len(text) <= LONGEST else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and abs(number.adjusted()) <= LONGEST else None


def numbers_of(texts: list[str]) -> list[Decimal] | None:
    """Return the finite decimal numbers of some texts; None if one is no number."""
    numbers = [number_of(text) for text in texts]
    return None if None in numbers else [number for number in numbers if number is not None]


def fraction_of(text: str) -> list[int] | None:
    """Return numerator and denominator, as they are written; None for any other text."""
    match = FRACTION.fullmatch(text.strip()) if len(text) <= LONGEST else None
    return [int(group) for group in match.groups() if group is not None] if match else None


def same_whole_number(answer: str, entry: Entry) -> bool:
    """calendar_arithmetic's counts: by the scorer any number is right where -1 is."""
    found = number_of(answer)
    return found is not None and found == number_of(str(entry["answer"]))


def same_value(answer: str, entry: Entry) -> bool:
    """gsm_symbolic: the scorer takes the first number that it finds, without its sign, its thousands and what
    follows."""
    try:
        return len(answer) <= LONGEST and same_answer(str(entry["answer"]), answer)
    except Undecided:
        return False


def same_integer_literal(answer: str, entry: Entry) -> bool:
    """bitwise_arithmetic: the scorer evaluates the entry's problem as Python."""
    try:
        return len(answer) <= LONGEST and int(answer.strip(), 0) == int(str(entry["answer"]), 0)
    except ValueError:
        return False


def sorted_numbers(answer: str, entry: Entry) -> bool:
    """number_sorting: by the scorer each number may be off by 1, and NaN by anything. It evaluates entries."""
    try:
        lists = [json.loads(text.replace("'", '"')) for text in (answer, str(entry["answer"]))]
    except (ValueError, RecursionError):
        return False
    if not all(isinstance(one, list) for one in lists):
        return False
    found, expected = (numbers_of([str(item) for item in one]) for one in lists)
    return found is not None and found == expected


def same_fraction(answer: str, entry: Entry) -> bool:
    r"""fraction_simplification: the scorer reads only the beginning of `\frac{1}{2} or \frac{1}{3}`."""
    return fraction_of(answer) == [entry["metadata"][f"simplified_{part}"] for part in ("numerator", "denominator")]


def nearest_candidate(answer: str, entry: Entry) -> bool:
    """number_format: the scorer takes what is within 0.01 of the solution, another candidate or other digits too."""
    number, metadata = number_of(answer.replace(",", "")), entry["metadata"]
    if number is None:
        return False
    gaps = {abs(Decimal(candidate) - number) for candidate in metadata["candidates"]}
    gap = abs(Decimal(metadata["solution"]) - number)
    return gap == min(gaps) and gap < Decimal("0.0005")


def near_by_decimals(answer: str, entry: Entry) -> bool:
    """decimal_arithmetic: one unit in the last of as many decimals as the numbers of this entry's dataset have at
    most. The scorer counts those of the task's default settings."""
    number, expected = number_of(answer), number_of(str(entry["answer"]))
    if number is None or expected is None:
        return False
    places = entry["metadata"]["difficulty"]["decimal_places"]
    return abs(number - expected) <= Decimal(10) ** -max(int(place) for place in places)


def all_roots(answer: str, entry: Entry) -> bool:
    """polynomial_equations: the scorer leaves out what is no number, so it takes any text where there is no real
    solution, and "1.0, or 2.0" for 1.0."""
    expected = str(entry["answer"])
    if not expected.strip():
        return answer.strip() in NO_SOLUTION
    found, wanted = (numbers_of(text.split(",")) for text in (answer, expected))
    return found is not None and wanted is not None and sorted(found) == sorted(wanted)


def pooled(answer: str, entry: Entry) -> bool:
    """pool_matrix: two decimals, as the question asks. The scorer allows one percent."""
    found, expected = ([line.split() for line in text.strip().splitlines()] for text in (answer, str(entry["answer"])))
    if [len(row) for row in found] != [len(row) for row in expected]:
        return False
    numbers, wanted = (numbers_of([cell for row in rows for cell in row]) for rows in (found, expected))
    if numbers is None or wanted is None:
        return False
    return all(abs(one - other) <= HALF_A_HUNDREDTH for one, other in zip(numbers, wanted, strict=True))


def same_duration(answer: str, entry: Entry) -> bool:
    """time_intervals: by the scorer a time may be off by seconds, more where the dataset's settings allow longer
    intervals. One millisecond is allowed: the generator cuts a double, 0.346 to 345."""
    found, expected = (milliseconds(text.strip()) for text in (answer, str(entry["answer"])))
    return found is not None and expected is not None and abs(found - expected) <= 1


def milliseconds(text: str) -> int | None:
    """Return the length of `12 days`, `03:04:05.250` or `12 days, 03:04`; None for any other text."""
    match = DURATION.fullmatch(text) if text else None
    if not match or not any(match.groups()):
        return None
    days, hours, minutes, seconds, part = match.groups()
    whole = 86400 * int(days or 0) + 3600 * int(hours or 0) + 60 * int(minutes or 0) + int(seconds or 0)
    return 1000 * whole + int((part or "0").ljust(3, "0")[:3])


def same_probability(answer: str, entry: Entry) -> bool:
    """coin_flip: at least three significant digits. By the scorer 0 is as good as 1/32768."""
    exact = Fraction(**entry["metadata"]["rational"])
    decimal, parts = number_of(answer), fraction_of(answer)
    if decimal is None and not (parts and parts[1]):
        return False
    found = Fraction(*parts) if parts else Fraction(decimal or 0)
    return abs(found - exact) <= min(exact * SIGNIFICANT, Fraction(1, 10000))


def is_complex_number(answer: str, entry: Entry) -> bool:
    """The scorer takes `nan` at full marks for any entry: `min(1.0, nan)` is 1.0."""
    return COMPLEX.fullmatch(answer.strip()) is not None


def is_one_point(answer: str, entry: Entry) -> bool:
    """advanced_geometry: of a point the scorer leaves out what follows the second number."""
    is_point = entry["metadata"]["task_type"] == "orthocenter"
    return not is_point or (len(answer) <= LONGEST and POINT.fullmatch(answer.strip()) is not None)
