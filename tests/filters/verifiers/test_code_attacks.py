# ruff: noqa: E501  one program a line
"""A program passes by right values only: not by names that the tests mean, nor by numbers, output or time that burden
the judge."""

import json
import re
import time
from collections import Counter
from typing import Any

import pytest

from filters.selection.majority import classes
from filters.verifiers.code_answer import signal_name, verify_code
from filters.verifiers.programs.blocks import programs_of
from filters.verifiers.programs.output_match import same_output
from filters.verifiers.programs.sandbox.limits import Limits
from records.rows import Verdict

LIMITS = Limits(cpu_s=2, memory_mib=512)
FORGER = """
def f(*a): return 0
def always(*a, **k): return True
class math: isclose = staticmethod(always)
class sys: getsizeof = staticmethod(lambda x: 0)
class Counter:
    def __init__(self, *a): pass
    def __eq__(self, other): return True
def deepcopy(x): return 0
np = math
isclose = close = always
"""


def judged(program: str, tests: Any, **more: Any) -> Verdict:
    return verify_code(json.dumps({"tests": tests, **more}), program, LIMITS)


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ("assert math.isclose(f(1), 3.5)", "fail"),
        ("assert isclose(f(1), 3.5)", "fail"),
        ("assert f((1, 2)) == sys.getsizeof((1, 2))", "fail"),
        ("assert Counter(f(1)) == Counter([1, 2])", "fail"),
        ("assert f(1) == deepcopy([1])", "fail"),
        ("assert np.isclose(f(1), 3.5)", "unknown"),
        ("assert close(f(1), 3.5)", "unknown"),
        ("assert not close(f(1), 3.5)", "unknown"),
    ],
)
def test_names_of_the_tests_are_not_the_programs(test: str, outcome: str) -> None:
    assert judged(FORGER, [test]).outcome == outcome
    assert judged(FORGER, [test], entry_point="f").outcome == outcome


def test_names_that_tests_mean_are_there() -> None:
    right = "def f(x): return [1, 2] if x else 3.5"
    assert (
        judged(right, ["assert Counter(f(1)) == Counter([1, 2])", "assert math.isclose(f(0), 3.5)"]).outcome == "pass"
    )
    assert judged(right, ["assert isclose(f(0), 3.5)"], test_imports=["from math import isclose"]).outcome == "pass"
    assert judged(right, ["assert f(0) == half(7)"], setup=["def half(x):", "    return x / 2"]).outcome == "pass"
    own = "def gcd(a, b):\n    return gcd(b, a % b) if b else a"
    assert judged(own, ["assert gcd(12, 18) == 6"]).outcome == "pass"
    assert judged("def gcd(a, b): return 1", ["assert gcd(12, 18) == 6"]).outcome == "fail"


@pytest.mark.parametrize(
    "program",
    [
        "from decimal import Decimal\ndef f(x): return Decimal('1e100000000')",
        "from fractions import Fraction\ndef f(x): return Fraction(10**100000, 3)",
        "class Fraction:\n    numerator, denominator = 'x' * 10**6, 1\nFraction.__module__ = 'fractions'\ndef f(x): return Fraction()",
        "def f(x): return range(10**18)",
        "def f(x): return 1 << (1 << 24)",
    ],
)  # fmt: skip
def test_numbers_that_burden_the_judge_are_the_programs_fault(program: str) -> None:
    started = time.monotonic()
    verdict = judged(program, ["assert int(f(1)) == 1", "assert sum(f(1)) == 1"])
    assert (verdict.outcome, verdict.reason) == ("fail", "tests_failed")
    assert time.monotonic() - started < LIMITS.cpu_s + 3


def test_all_stdin_tests_together_have_a_limit() -> None:
    limits = Limits(cpu_s=2, wall_s=5, whole_s=2)
    program = "import time; time.sleep(0.8); print(1)"
    verdict = verify_code(json.dumps({"inputs": ["1"] * 6, "outputs": ["1"] * 6}), program, limits)
    assert (verdict.outcome, verdict.reason) == ("fail", "timeout")
    assert re.fullmatch(r"idle for [12]\.\d s within 2 s of wall time for all tests, in test [23]", verdict.detail)
    assert verify_code(json.dumps({"inputs": ["1"], "outputs": ["1"]}), program, limits).outcome == "pass"


def test_a_great_output_stays_in_the_sandbox() -> None:
    for program in ("print('1 ' * 8_000_000)", "print('1' * 2_000_000 + 'x')", "print('3.14' + '0' * 100_000)"):
        assert judged(program, {"inputs": ["1"], "outputs": ["3.14"]}).detail == "test 1: wrong output"
    assert judged("print(' ' * 1_000_000, '3.140000000001')", {"inputs": ["1"], "outputs": ["3.14"]}).outcome == "pass"


@pytest.mark.parametrize("size", [20_000, 200_000])
def test_fences_and_decimals_take_linear_time(size: int) -> None:
    started = time.process_time()
    for line in ("~" * size + "`", "```" + "x" * size + "`", "`" * size, " " * size + "~~~", "~~~ " * (size // 4)):
        programs_of(line)
    assert not same_output("3.14", "1" * size + "x")
    assert not same_output("3.14 " * (size // 5), "3.14 " * (size // 5) + "x")
    assert time.process_time() - started < 2


def test_signals_without_a_name() -> None:
    assert [signal_name(number) for number in (11, 33, 40)] == ["SIGSEGV", "signal 33", "signal 40"]


def test_classes_compare_with_one_spelling_a_class() -> None:
    compared: Counter[str] = Counter()

    def equal(one: str, other: str) -> bool:
        compared[one] += 1
        return False

    assert len(classes([str(at) for at in range(8)], equal)) == 8
    assert sum(compared.values()) == 28
