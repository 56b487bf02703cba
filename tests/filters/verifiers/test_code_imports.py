"""Imports that a judge provides or that need nothing do not fail a program; a test that needs more is `unknown`."""

import json
from typing import Any

import pytest

from filters.verifiers.code_answer import verify_code
from filters.verifiers.programs.imports import provided_names, without_idle_imports, without_solution_import
from filters.verifiers.programs.sandbox.limits import Limits


def outcome(program: str, test: str, **more: Any) -> str:
    return verify_code(json.dumps({"tests": [test], **more}), program, Limits(cpu_s=2)).outcome


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("import pytest\nx = 1", "\nx = 1"),
        ("import pytest  # for tests\nx = 1", "\nx = 1"),
        ("import pytest\npytest.main()", "import pytest\npytest.main()"),
        ("import pytest; x = 1", "import pytest; x = 1"),
        ("import json, pytest\nx = 1", "import json, pytest\nx = 1"),
        ("import pytest\nx = (", "import pytest\nx = ("),
        ("x = 1\rimport pytest", "x = 1\n"),
        ("x = 1\r\n\rimport pytest\r\ny = '\x0c'", "x = 1\n\n\ny = '\x0c'"),
    ],
)
def test_unused_imports_of_test_modules_are_left_out(source: str, left: str) -> None:
    assert without_idle_imports(source) == left


@pytest.mark.parametrize(
    ("test", "left"),
    [
        ("from solution import f\nassert f(1)", "\nassert f(1)"),
        ("from solution import (\n    f,\n    g,\n)\nassert f(1)", "\n\n\n\nassert f(1)"),
        ("from solution import f as g\nassert g(1)", "g = f\nassert g(1)"),
        ("from .solution import f", "from .solution import f"),
        ("from math import gcd\nassert f(1)", "from math import gcd\nassert f(1)"),
    ],
)
def test_imports_of_the_solution_are_left_out(test: str, left: str) -> None:
    assert without_solution_import(test) in {left, left.replace("from .solution import f", "")}


def test_typing_is_provided_where_it_is_used_and_not_imported() -> None:
    assert provided_names("def f(x: List[int]): pass")
    assert not provided_names("from typing import List\ndef f(x: List[int]): pass")
    assert not provided_names("def f(x: list[int]): pass")


def test_programs_and_tests_run_as_their_judges_run_them() -> None:
    program = "def f(x: List[int]) -> Optional[int]:\n    return x[0] if x else None"
    assert outcome(program, "from solution import f\nassert f([3]) == 3") == "pass"
    assert outcome(f"import pytest\n{program}", "import pytest\nassert f([]) is None") == "pass"
    assert outcome(program, "from solution import f\nassert f([3]) == 4") == "fail"
    stdio = json.dumps({"tests": {"inputs": ["3"], "outputs": ["3"]}})
    assert verify_code(stdio, "def f(x: List[int]):\n    print(x[0])\nf([int(input())])").outcome == "pass"


def test_a_form_that_is_not_supported_is_unknown() -> None:
    program = "def f(x):\n    return x"
    assert outcome(program, "import solution\nassert solution.f(1) == 1") == "unknown"
    assert outcome(program, "import scipy\nassert f(1) == 1") == "unknown"
    assert outcome("def f(x):\n    import numpy\n    return x", "assert f(1) == 1") == "fail"
