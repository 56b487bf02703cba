"""Turns the cells of a table of verdicts into verdicts, numbers and text, or says what is wrong with them."""

import json
import math
from typing import Any

from eval.metrics.samples import RIGHT, UNKNOWN, WRONG
from records.clean import clean_text
from records.errors import InputError

WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0", "right", "correct", "pass", "passed"), RIGHT),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0", "wrong", "incorrect", "fail", "failed"), WRONG),
    **dict.fromkeys(("", "unknown", "none", "null", "undecided"), UNKNOWN),
}
"""Verdicts as people and programs write them."""
MOST_SAMPLES, MOST_COUNTED = 1_000_000, 20_000_000
"""Most samples of a problem, and of a table, that counts may stand for: each becomes one in memory."""
SHOWN = 40
"""Characters of a cell that an error shows."""


def verdict_of(value: Any, column: str, place: str) -> int:
    """Return RIGHT, WRONG or UNKNOWN. Errors: InputError for anything else, NaN included."""
    check_number(value, column, place)
    word = "" if value is None else str(value).strip().lower()
    if word not in WORDS:
        raise InputError(
            f"{place}: column {column!r} must say right or wrong (true or false, 1 or 0, pass or fail, or unknown), "
            f"found {shown(value)}"
        )
    return WORDS[word]


def flag_of(value: Any, column: str, place: str) -> bool:
    verdict = verdict_of(value, column, place)
    if verdict == UNKNOWN:
        raise InputError(f"{place}: column {column!r} must be true or false, found {shown(value)}")
    return verdict == RIGHT


def number_of(value: Any, column: str, place: str) -> float:
    """Return a finite number; NaN for an empty cell, which is missing. Errors: InputError for anything else."""
    value = unwrapped(value)
    check_number(value, column, place)
    if value is None or value == "":
        return math.nan
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{place}: column {column!r} must be a number, found {shown(value)}")
    return number


def count_of(value: Any, column: str, place: str) -> int:
    number = number_of(value, column, place)
    if not (0 <= number <= MOST_SAMPLES and number.is_integer()):
        raise InputError(f"{place}: column {column!r} must be a count up to {MOST_SAMPLES:,}, found {shown(value)}")
    return int(number)


def text_of(value: Any, column: str, place: str) -> str:
    """Return a cell as text without outer spaces; empty for an empty cell. Errors: InputError for NaN."""
    value = unwrapped(value)
    check_number(value, column, place)
    if value is None:
        return ""
    text = (
        value
        if isinstance(value, str)
        else str(value)
        if not isinstance(value, list | dict)
        else json.dumps(value, default=str)
    )
    return clean_text(text.strip())


def check_number(value: Any, column: str, place: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{place}: column {column!r} is {value}; leave the cell empty or correct the row")


def unwrapped(value: Any) -> Any:
    """Return the only element of a list, as reward models write their scores: `[3.5]`."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
