"""HumanEval+ and MBPP+ as EvalPlus publishes them: their tests import numpy to compare numbers."""

import json

import pytest

from filters.verifiers.code_answer import verify_code
from records.rows import Verdict

HEAD = """import numpy as np

def is_floats(x) -> bool:
    if isinstance(x, float):
        return True
    if isinstance(x, (list, tuple)):
        return all(isinstance(i, float) for i in x)
    if isinstance(x, np.ndarray):
        return x.dtype == np.float64 or x.dtype == np.float32
    return False


def assertion(out, exp, atol):
    if atol == 0 and is_floats(exp):
        atol = 1e-6
    if not out == exp and atol != 0:
        {near}
    else:
        assert out == exp, f"out: {{out}}, exp: {{exp}}"

"""
NEAR = "assert np.allclose(out, exp, rtol=1e-07, atol=atol)", "np.testing.assert_allclose(out, exp, atol=atol)"
"""Of its later versions, and of its first ones."""
HUMANEVAL = """
def check(candidate):
    inputs = [[1], [2], [3]]
    results = [0.3333333, [0.5, 1.5], 7]
    for i, (inp, exp) in enumerate(zip(inputs, results)):
        assertion(candidate(*inp), exp, 0)
"""
MBPP = """
inputs = [[(3, 4, 5, 6), (5, 7, 4, 10)], [(1, 2, 3, 4), (5, 4, 3, 7)]]
results = [(4, 5), (3, 4)]
for i, (inp, exp) in enumerate(zip(inputs, results)):
    assertion(set(similar_elements(*inp)), set(exp), 0)
"""


def judged(program: str, tests: str, **more: str) -> Verdict:
    return verify_code(json.dumps({"tests": tests, **more}), f"```python\n{program}\n```")


EQUAL = "class Equal(list):\n    __eq__ = lambda *_: True\n"


def third(first: str, second: str = "[0.5, 1.5]") -> str:
    return f"{EQUAL}\ndef f(x):\n    return {{1: {first}, 2: {second}, 3: 7}}[x]"


@pytest.mark.parametrize("near", NEAR)
@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (third("0.3333333"), "pass"),
        (third("1 / 3", "(0.5, 1.5000001)"), "pass"),
        (third("0.333336"), "fail"),
        (third("1 / 3", "[0.5, 1.50001]"), "fail"),
        (third("1 / 3", "[0.5]"), "fail"),
        (third("[1 / 3]"), "fail"),
        (third("None"), "fail"),
        (third("float('nan')"), "fail"),
        (third("1 / 3", "Equal([0.5])"), "fail"),
        (third("Equal()"), "fail"),
    ],
)
def test_numbers_are_compared_as_evalplus_does(near: str, program: str, outcome: str) -> None:
    tests = HEAD.format(near=near) + HUMANEVAL
    assert judged(program, tests, entry_point="f").outcome == outcome


@pytest.mark.parametrize(("both", "outcome"), [("&", "pass"), ("|", "fail")])
def test_mbpp_plus_calls_functions_without_an_entry_point(both: str, outcome: str) -> None:
    program = f"def similar_elements(a, b):\n    return tuple(set(a) {both} set(b))"
    assert judged(program, HEAD.format(near=NEAR[0]) + MBPP).outcome == outcome


@pytest.mark.parametrize("found", ["np.isclose(f(), 3)", "np.array_equal(f(), 3)", "np.linalg.norm(f()) == 3"])
def test_what_else_tests_take_from_numpy_is_not_there(found: str) -> None:
    verdict = judged("def f():\n    return 3", f"import numpy as np\nassert {found}")
    assert (verdict.outcome, verdict.reason) == ("unknown", "unverifiable")
    assert "of numpy they have allclose" in verdict.detail
