"""Writes step-by-step solutions with a program; the embedded teacher is trained on them.

The solution of 47 - 85 + 12 (`chain_sum`) treats tens and ones separately, so that a tiny model needs only small facts:

    47 - 85: 40 - 80 = -40, 7 - 5 = 2, -40 + 2 = -38
    -38 + 12: -30 + 10 = -20, -8 + 2 = -6, -20 - 6 = -26
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from configs.models import Prompt
from configs.scratch import Mixture, Solutions
from records.dataset_row import unsampled_row
from records.errors import InputError
from records.rows import Problem
from records.thinking import join_reasoning


def steps_of_sum(left: int, sign: str, right: int) -> str:
    """Write one addition or subtraction of integers, with tens and ones separate if either number has tens."""
    total = left + right if sign == "+" else left - right
    if abs(left) < 10 and abs(right) < 10:
        return f"{left} {sign} {right} = {total}"
    ones_left, ones_right = signed_ones(left), signed_ones(right)
    tens_left, tens_right = left - ones_left, right - ones_right
    tens = tens_left + tens_right if sign == "+" else tens_left - tens_right
    ones = total - tens
    return (
        f"{left} {sign} {right}: {tens_left} {sign} {tens_right} = {tens}, "
        f"{ones_left} {sign} {ones_right} = {ones}, {tens} {'-' if ones < 0 else '+'} {abs(ones)} = {total}"
    )


def signed_ones(number: int) -> int:
    return number % 10 if number >= 0 else -(-number % 10)


def work_chain_sum(metadata: dict[str, Any]) -> str:
    """Work out an expression of non-negative terms, such as `4 - 1 - 7`, from the left."""
    first, *rest = metadata["expression"].split()
    total, lines = int(first), []
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        lines.append(steps_of_sum(total, sign, int(term)))
        total = total + int(term) if sign == "+" else total - int(term)
    return "\n".join(lines)


def work_complex_arithmetic(metadata: dict[str, Any]) -> str:
    """Work out `(a + bi) + (c + di)` or `(a + bi) - (c + di)`: first the real parts, then the imaginary parts."""
    (real_left, imag_left), (real_right, imag_right) = metadata["num1"], metadata["num2"]
    sign = metadata["operation"]
    if sign not in ("+", "-"):
        raise ValueError(f"complex_arithmetic: worked solutions cover + and -, not {sign}")
    real = steps_of_sum(int(real_left), sign, int(real_right))
    imaginary = steps_of_sum(int(imag_left), sign, int(imag_right))
    return f"real {real}\nimag {imaginary}"


WORKED: dict[str, Callable[[dict[str, Any]], str]] = {
    "chain_sum": work_chain_sum,
    "complex_arithmetic": work_complex_arithmetic,
}


def solve(problem: Problem, solutions: Solutions) -> tuple[str, str]:
    """Return reasoning and answer of a generated problem; only `worked` solutions have a reasoning.

    Errors: InputError for a task that the program cannot work out, unless `solutions` is `bare`."""
    answer = f"\\boxed{{{problem.reference}}}"
    if solutions != "bare" and problem.source not in WORKED:
        raise InputError(
            f"solutions: {solutions} knows the tasks {' and '.join(WORKED)}, not {problem.source}; bare takes any task"
        )
    if solutions == "worked":
        return WORKED[problem.source](json.loads(problem.extra)["metadata"]), answer
    return "", f"{expression_of(problem)} = {answer}" if solutions == "restated" else answer


def expression_of(problem: Problem) -> str:
    """Return the expression that ends the question of a task in WORKED, as in `…arithmetic problem: 4 - 1 =`."""
    return problem.prompt.rpartition(": ")[2].removesuffix(" =")


def way_of(problem: Problem, solutions: Solutions | Mixture) -> Solutions:
    """Return how a problem is solved. Of a mixture, its id draws one, whatever other problems there are."""
    if isinstance(solutions, str):
        return solutions
    ways = sorted(solutions)  # a mixture is the same in whatever order it is written
    return random.Random(problem.id).choices(ways, [solutions[way] for way in ways])[0]


def solved_rows(
    problems: Iterable[Problem], solutions: Solutions | Mixture, prompt: Prompt, name: str
) -> Iterator[dict[str, Any]]:
    """Yield the solutions as dataset rows (`records.schemas.DATASET`)."""
    for problem in problems:
        reasoning, answer = solve(problem, way_of(problem, solutions))
        content = join_reasoning(reasoning, answer)
        messages = [*prompt.messages(problem.prompt), {"role": "assistant", "content": content}]
        yield unsampled_row(messages, problem.id, problem.source, reference=problem.reference, teacher=name)
