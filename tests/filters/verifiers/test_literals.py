"""A program that states values is told from one that computes them."""

import pytest

from filters.verifiers.programs.literals import only_states_values


@pytest.mark.parametrize(
    "program",
    [
        "output = [(4, 1), {'a': None}, {1, 2}, b'x', -1.5, True, ...]",
        "# why\noutput = 1 + 2j\n'a remark'",
        "output = [0] * 5 + [1]",
        "output = set()",
        "output = float('-inf')",
        "arguments = dict(did=0, rows=range(3))",
        "arguments = {'key': lambda x: x.reverse()}",
        "a = b = ''",
        "output: list[int] = [1]",
        "",
    ],
)
def test_values(program: str) -> None:
    assert only_states_values(program)


@pytest.mark.parametrize(
    "program",
    [
        "def f(x):\n    return x\noutput = f(1)",
        "output = f(1)",
        "output = [c for c in 'ab']",
        "output = 'ab'.upper()",
        "output = sorted([2, 1])",
        "output = 'ab'[0]",
        "output = other",
        "output = f'{1}'",
        "output = (lambda x: x)(1)",
        "output = lambda x=print(1): x",
        "output = lambda *, x=print(1): x",
        "output = list(map(len, ['a']))",
        "output = {**{}, 'a': g()}",
        "import os",
        "print(1)",
        "a, b = 1, 2",
        "x.y = 1",
        "output: list[int]",
        "if True:\n    output = 1",
        "output = 1 if True else 2",
        "output = ",
    ],
)
def test_computations(program: str) -> None:
    assert not only_states_values(program)


def test_a_program_that_nests_too_deep_states_nothing() -> None:
    assert not only_states_values("output = " + "[" * 5000 + "]" * 5000)
    assert not only_states_values("output = " + "-" * 200_000 + "1")
