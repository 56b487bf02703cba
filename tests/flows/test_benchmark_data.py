"""Each shipped benchmark, read from the local copy of its data: the reference written as a well-formed answer passes
its verifier, a wrong answer fails."""

import json
import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED
from judging_makers import verify_math

from configs.benchmarks import Benchmark, resolved
from filters.verifiers.code_answer import verify_code
from filters.verifiers.programs.literals import only_states_values
from records.parquet import read_problems
from records.rows import Problem
from records.tables import read_file
from teacher.problems.sources import READERS, write_problems

FEW = 6
"""Programs that are run of each benchmark, drawn with a seed; every one passed when this was written."""


def benchmark(name: str, file: str) -> Benchmark:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: no {name} to read")
    return Benchmark.model_validate(resolved(name, {"path": str(SHARED / file)}))


def problems_of(name: str, file: str) -> list[Problem]:
    return [it for source in benchmark(name, file).sources for it in READERS[source.kind](source)]


def rows_of(file: str) -> list[dict[str, Any]]:
    return [row for _, row in read_file(SHARED / file)]


def drawn(items: list[Any], count: int = FEW) -> list[Any]:
    return random.Random(11).sample(items, count)


def outcomes(answers: list[tuple[Problem, str]]) -> list[str]:
    """The verdicts on programs, each written as the last block of an answer."""
    with ThreadPoolExecutor(2) as threads:
        judged = threads.map(lambda one: verify_code(one[0].extra, f"So:\n```python\n{one[1]}\n```"), answers)
        return [verdict.outcome for verdict in judged]


@pytest.mark.parametrize(
    ("name", "file", "count"),
    [
        ("gsm8k", "gsm8k/test.jsonl", 1319),
        ("math_500", "math/math500.jsonl", 500),
        ("olympiadbench", "qwen_eval_sets/olympiadbench.jsonl", 675),
    ],
)
def test_mathematics(name: str, file: str, count: int, tmp_path: Path) -> None:
    sources = benchmark(name, file).sources
    counts = write_problems(tmp_path, sources, set(), must_agree=True)
    assert (counts.problems, counts.repeated) == (count, 0)
    for it in drawn(list(read_problems(tmp_path / "problems.parquet")), 50):
        assert verify_math(it.reference, f"So \\boxed{{{it.reference}}}.").outcome == "pass", it.reference
        assert verify_math(it.reference, "So \\boxed{-77123}.").outcome == "fail", it.reference


def test_levels_and_subjects_come_through() -> None:
    extras = [json.loads(it.extra) for it in problems_of("math_500", "math/math500.jsonl")]
    assert {it["level"] for it in extras} == {1, 2, 3, 4, 5}
    assert len({it["subject"] for it in extras}) == 7
    olympiad = problems_of("olympiadbench", "qwen_eval_sets/olympiadbench.jsonl")
    assert {json.loads(it.extra)["subject"] for it in olympiad} > {"Algebra", "Combinatorics"}


def spoiled(program: str) -> str:
    """The program with every function of it returning something else."""
    names = re.findall(r"^def[ \t]+(\w+)", program, re.M)
    return program + "".join(f"\ndef {name}(*a, **k):\n    return 'none of these'\n" for name in names)


def test_humaneval() -> None:
    file = "humaneval/HumanEval.jsonl.gz"
    problems = problems_of("humaneval", file)
    assert len({it.id for it in problems}) == 164
    pairs = drawn(list(zip(problems, rows_of(file), strict=True)))
    assert all(it.question == row["prompt"] and row["prompt"].strip() in it.prompt for it, row in pairs)
    whole = [(it, row["prompt"] + row["canonical_solution"]) for it, row in pairs]
    assert outcomes(whole) == ["pass"] * FEW
    assert outcomes([(it, spoiled(program)) for it, program in whole]) == ["fail"] * FEW


def test_mbpp() -> None:
    problems = problems_of("mbpp", "mbpp/mbpp.jsonl")
    assert len({it.id for it in problems}) == 974  # texts repeat, but not with the same tests
    pairs = drawn(problems)
    assert all(json.loads(it.extra)["tests"][0] in it.prompt for it in pairs)
    assert outcomes([(it, it.reference) for it in pairs]) == ["pass"] * FEW
    assert outcomes([(it, spoiled(it.reference)) for it in pairs]) == ["fail"] * FEW


def test_cruxeval() -> None:
    problems = problems_of("cruxeval", "cruxeval/cruxeval.jsonl")
    assert len({it.id for it in problems}) == 1600
    computed = [it.reference for it in problems if not only_states_values(it.reference)]
    assert len(computed) == 4  # of these only other inputs can be given: one is `'$78'.upper()`
    for source in ("cruxeval_output", "cruxeval_input"):
        few = drawn([it for it in problems if it.source == source])
        assert outcomes([(it, it.reference) for it in few]) == ["pass"] * FEW
        assert outcomes([(it, "output = arguments = 'none of these'") for it in few]) == ["fail"] * FEW


def test_contests_in_a_form_of_ones_own() -> None:
    """code_contests.json has no solutions; `tests/filters/verifiers/test_code_data.py` has programs for some."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: no contests to read")
    columns = {"reference": None, "extra": {"tests": "tests"}}
    path = str(SHARED / "code_stdio" / "code_contests.json")
    source = {"kind": "file", "path": path, "verifier": "code", "columns": columns}
    template = "{problem}\n\nAnswer with the whole program in one fenced block of Python code."
    made = Benchmark.model_validate({"sources": [source | {"template": template}], "user": "{problem}"})
    problems = [it for one in made.sources for it in READERS[one.kind](one)]
    assert len({it.id for it in problems}) == 165
    program = "import sys\n_, *rows = sys.stdin.read().split()\nrows = rows[1:]\n"
    program += "key = lambda i: [ord(c) * (1 - at % 2 * 2) for at, c in enumerate(rows[i])]\n"
    program += "print(*[i + 1 for i in sorted(range(len(rows)), key=key)])"
    assert outcomes([(problems[0], program), (problems[1], program)]) == ["pass", "fail"]
