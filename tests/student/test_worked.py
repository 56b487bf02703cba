"""Every equation in the programmed solutions is true."""

import json
import re

import pytest

from configs.models import Prompt
from configs.scratch import Mixture
from configs.sources import GeneratedProblems
from records.errors import InputError
from records.rows import Problem
from student.scratch.worked import WORKED, solve, solved_rows, steps_of_sum
from teacher.problems.generated import generate

EQUATION = re.compile(r"(-?\d+) ([+-]) (-?\d+) = (-?\d+)")
SETTINGS = {
    "chain_sum": {"min_terms": 2, "max_terms": 5, "min_digits": 1, "max_digits": 4},
    "complex_arithmetic": {
        "min_real": -120,
        "max_real": 120,
        "min_imag": -120,
        "max_imag": 120,
        "operations_weights": [0.5, 0.5, 0, 0],
    },
}


def make_problems(task: str, size: int = 300) -> list[Problem]:
    source = GeneratedProblems(
        kind="reasoning_gym", task=task, size=size, seed=5, settings=SETTINGS[task], verifier="math"
    )
    return list(generate(source))


def equations(text: str) -> list[tuple[int, str, int, int]]:
    return [(int(left), sign, int(right), int(total)) for left, sign, right, total in EQUATION.findall(text)]


def totals(reasoning: str) -> list[int]:
    """The number each line ends in."""
    return [int(line.rpartition(" = ")[2]) for line in reasoning.splitlines()]


def as_complex(text: str) -> complex:
    return complex(text.replace(" ", "").replace("i", "j"))


def test_every_family_is_covered() -> None:
    assert set(SETTINGS) == set(WORKED)


@pytest.mark.parametrize("task", WORKED)
def test_every_equation_is_true(task: str) -> None:
    for problem in make_problems(task):
        reasoning, _ = solve(problem, "worked")
        found = equations(reasoning)
        assert len(found) == reasoning.count(" = ")  # none escapes the pattern
        assert found
        for left, sign, right, total in found:
            assert total == (left + right if sign == "+" else left - right), (problem.prompt, reasoning)


def test_chain_sum_ends_in_the_reference() -> None:
    for problem in make_problems("chain_sum"):
        reasoning, answer = solve(problem, "worked")
        assert totals(reasoning)[-1] == int(problem.reference)
        assert answer == f"\\boxed{{{problem.reference}}}"


def test_chain_sum_carries_each_total_into_the_next_line() -> None:
    for problem in make_problems("chain_sum"):
        lines = solve(problem, "worked")[0].splitlines()
        expression = json.loads(problem.extra)["metadata"]["expression"].split()
        starts = [int(re.match(r"-?\d+", line)[0]) for line in lines]
        assert starts == [int(expression[0]), *totals("\n".join(lines))[:-1]]


def test_complex_arithmetic_ends_in_the_reference() -> None:
    for problem in make_problems("complex_arithmetic"):
        reasoning, _ = solve(problem, "worked")
        assert complex(*totals(reasoning)) == as_complex(problem.reference), (problem.prompt, reasoning)


def test_complex_products_are_refused() -> None:
    metadata = {"num1": [1, 2], "num2": [3, 4], "operation": "*"}
    with pytest.raises(ValueError, match=r"cover \+ and -, not \*"):
        WORKED["complex_arithmetic"](metadata)


@pytest.mark.parametrize("left", range(-130, 131, 7))
def test_a_sum_is_split_rightly_at_every_sign_and_carry(left: int) -> None:
    for right in range(-130, 131, 3):
        for sign in "+-":
            steps = steps_of_sum(left, sign, right)
            assert all(c == (a + b if s == "+" else a - b) for a, s, b, c in equations(steps)), steps
            assert totals(steps) == [left + right if sign == "+" else left - right]


def test_rows_reason_only_when_worked() -> None:
    problem = make_problems("chain_sum", size=1)[0]
    worked, bare = (
        next(solved_rows([problem], how, Prompt(system="Be brief.", user="Solve: {problem}"), "made"))
        for how in ("worked", "bare")
    )
    answer = f"\\boxed{{{problem.reference}}}"
    assert worked["messages"][:2] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": f"Solve: {problem.prompt}"},
    ]
    assert worked["messages"][2]["content"].startswith("<think>\n")
    assert worked["messages"][2]["content"].endswith(f"\n</think>\n\n{answer}")
    assert bare["messages"][2]["content"] == answer


@pytest.mark.parametrize("task", WORKED)
def test_a_restated_solution_copies_the_expression_and_does_not_reason(task: str) -> None:
    for problem in make_problems(task):
        reasoning, answer = solve(problem, "restated")
        copied, _, boxed = answer.partition(" = \\boxed{")
        assert reasoning == ""
        assert boxed == problem.reference + "}"
        assert problem.prompt.removesuffix(" =").endswith(f": {copied}")
        assert ":" not in copied


def test_a_mixture_solves_each_problem_in_one_way_whatever_stands_beside_it() -> None:
    problems = make_problems("chain_sum", size=200)
    prompt = Prompt(user="{problem}")
    mixture: Mixture = {"worked": 0.25, "restated": 0.75}
    rows = list(solved_rows(problems, mixture, prompt, "made"))
    reasons = [row["messages"][-1]["content"].startswith("<think>") for row in rows]
    assert 30 <= sum(reasons) <= 70  # 50, with a standard deviation of 6
    assert list(solved_rows(problems[7:9], mixture, prompt, "made")) == rows[7:9]
    turned: Mixture = {"restated": 0.75, "worked": 0.25}
    assert list(solved_rows(problems, turned, prompt, "made")) == rows
    assert list(solved_rows(problems, {"worked": 1.0}, prompt, "made")) == list(
        solved_rows(problems, "worked", prompt, "made")
    )


def test_only_bare_solutions_take_any_task() -> None:
    source = GeneratedProblems(kind="reasoning_gym", task="gcd", size=1, seed=5, verifier="math")
    (problem,) = generate(source)
    assert solve(problem, "bare") == ("", f"\\boxed{{{problem.reference}}}")
    for solutions in ("worked", "restated"):
        with pytest.raises(InputError, match=f"{solutions} knows the tasks chain_sum and complex_arithmetic, not gcd"):
            solve(problem, solutions)
