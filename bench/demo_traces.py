"""Makes the traces of configs/demo/recorded.yaml: the embedded teacher's worked solutions, some broken on purpose.

    python -m bench.demo_traces > configs/demo/traces.jsonl

Every reason for which a recorded trace can be rejected occurs, so that the funnel shows each. The rows are always the
same.
"""

import json
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from configs.sources import GeneratedProblems
from records.rows import Problem
from records.thinking import OPEN, join_reasoning
from student.scratch.worked import solve
from teacher.problems.generated import generate

SUMS = {"min_terms": 3, "max_terms": 4, "min_digits": 1, "max_digits": 2}
COMPLEXES = {"min_real": -9, "max_real": 9, "min_imag": -9, "max_imag": 9, "operations_weights": [0.5, 0.5, 0, 0]}
SEED = 4_000_000
"""A seed far from those of tiny.yaml, because reasoning-gym's problem i of seed s is problem i - 1 of seed s + 1."""
MIXED = (
    "First I add the tens together and after that the ones, as we have all learned it at school, and then I check the "
    "sign of the result once more. 然后我把两个部分的结果加在一起，再检查一遍符号是不是正确的。"
)
"""A reasoning in two languages, as R1 mixed them before its readability training."""

Fault = Callable[[str, str], str]
"""Makes a broken completion from a right reasoning and the reference."""


def completion(reasoning: str, answer: str) -> str:
    return join_reasoning(reasoning, answer)


def boxed(answer: str) -> str:
    return f"\\boxed{{{answer}}}"


FAULTS: dict[str, tuple[int, Fault]] = {
    "wrong_answer": (12, lambda reasoning, right: completion(reasoning, boxed(f"{right}1"))),
    "truncated": (8, lambda reasoning, right: join_reasoning(reasoning[: len(reasoning) // 2], "", closed=False)),
    "two_boxes": (4, lambda reasoning, right: completion(reasoning, f"{boxed(right)} or {boxed('0')}")),
    "no_box": (3, lambda reasoning, right: completion(reasoning, f"The answer is {right}.")),
    "loop": (4, lambda reasoning, right: completion("\n".join([reasoning] * 25), boxed(right))),
    "two_languages": (3, lambda reasoning, right: completion(f"{MIXED}\n{reasoning}", boxed(right))),
    "empty": (2, lambda reasoning, right: ""),
    "refusal": (3, lambda reasoning, right: completion(reasoning, "I'm sorry, but I can't help with that.")),
    "tags_twice": (3, lambda reasoning, right: f"{OPEN}\n{completion(reasoning, boxed(right))}"),
    "same_again": (4, lambda reasoning, right: completion(reasoning, boxed(right))),
}
"""How many broken completions there are, and how they are made, by name. The last two are not rejected: tags are
normalised, and only selection leaves out equal traces."""
NO_REFERENCE = 2
"""Number of problems without a reference."""


def problems() -> Iterator[Problem]:
    for task, size, settings in (("chain_sum", 60, SUMS), ("complex_arithmetic", 30, COMPLEXES)):
        kind = {"kind": "reasoning_gym", "task": task, "size": size, "seed": SEED, "settings": settings}
        yield from generate(GeneratedProblems.model_validate(kind | {"verifier": "math"}))


def rows() -> Iterator[dict[str, Any]]:
    """Yield a right trace of every problem, each followed by a broken one until there are enough of those."""
    faults = [fault for count, fault in FAULTS.values() for _ in range(count)]
    for index, (problem, fault) in enumerate(zip_longest(problems(), faults)):
        reasoning, answer = solve(problem, "worked")
        reference = "" if index >= len(faults) and index < len(faults) + NO_REFERENCE else problem.reference
        yield {"prompt": problem.prompt, "reference": reference, "completion": completion(reasoning, answer)}
        if fault:
            broken = fault(reasoning, problem.reference)
            yield {"prompt": problem.prompt, "reference": problem.reference, "completion": broken}


if __name__ == "__main__":
    for row in rows():
        print(json.dumps(row, ensure_ascii=False))
