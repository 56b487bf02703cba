"""Stands in for numpy in the tests: what those of HumanEval+ and MBPP+ (EvalPlus, arXiv 2305.01210) take from it.

numpy itself would ask an object of the program what it is and how it compares. Here only numbers and lists of them are
compared, which are Python's own once they have arrived. Whatever else tests ask for makes them `unverifiable`.
"""

from __future__ import annotations

import math

from filters.verifiers.programs.sandbox.wire import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

float64 = float32 = float


class ndarray:
    """No value that arrives is one."""


class testing:
    @staticmethod
    def assert_allclose(actual: Any, desired: Any, rtol: float = 1e-7, atol: float = 0) -> None:
        if not near(actual, desired, rtol, atol):
            raise AssertionError("not equal to tolerance")


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    return near(a, b, rtol, atol)


def near(found: Any, expected: Any, rtol: float, atol: float) -> bool:
    """Return True if two numbers, or the numbers in two lists of one length, differ by at most `atol` and `rtol` of the
    expected one. Errors: TypeError for anything else, as in numpy, and for a list beside a number, which numpy would
    compare with each of its numbers."""
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        if len(found) != len(expected):
            raise TypeError("lists of different lengths")
        return all(near(*pair, rtol, atol) for pair in zip(found, expected, strict=True))
    if not (isinstance(found, int | float | complex) and isinstance(expected, int | float | complex)):
        raise TypeError(f"no numbers: {type(found).__name__} and {type(expected).__name__}")
    if found == expected:
        return True
    difference = abs(found - expected)
    return math.isfinite(difference) and difference <= atol + rtol * abs(expected)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise Unsupported(f"the tests use numpy.{name}; of numpy they have allclose and testing.assert_allclose")
