"""HumanEval and MBPP: every canonical solution passes; one mutant of each fails.

The mutants are chosen without the verifier: a plain `exec` of mutant and tests in a separate, killable process shows
whether the tests notice the mutant. That is safe because the canonical programs do not attack.
"""

import gzip
import json
import multiprocessing
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

import pytest
from conftest import SHARED
from mutants import mutants

from filters.verifiers.code_answer import verify_code
from filters.verifiers.programs.sandbox.limits import Limits

LIMITS = Limits(cpu_s=5)
Row = tuple[str, dict[str, Any], str]


def humaneval() -> Iterator[Row]:
    with gzip.open(SHARED / "humaneval" / "HumanEval.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            tests = [f"{row['test']}\ncheck({row['entry_point']})"]
            extra = {"kind": "assert", "prompt": row["prompt"], "entry_point": row["entry_point"], "tests": tests}
            yield row["task_id"], extra, row["prompt"] + row["canonical_solution"]


def mbpp() -> Iterator[Row]:
    with (SHARED / "mbpp" / "mbpp.jsonl").open() as lines:
        for row in map(json.loads, lines):
            tests = row["test_list"] + row["challenge_test_list"]
            yield (
                f"MBPP/{row['task_id']}",
                {"kind": "assert", "setup": row["test_setup_code"], "tests": tests},
                row["code"],
            )


def rows(name: str) -> list[Row]:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: no {name} to judge")
    return list({"humaneval": humaneval, "mbpp": mbpp}[name]())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["humaneval", "mbpp"])
def test_canonical_solutions_pass(name: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        verdicts = list(threads.map(lambda row: verify_code(json.dumps(row[1]), row[2], LIMITS), rows(name)))
    assert len(verdicts) == {"humaneval": 164, "mbpp": 974}[name]
    assert not [verdict for verdict in verdicts if verdict.outcome != "pass"]


EVERY = 3
"""Mutants of every third program are judged, which takes half a minute; all 1,138 were, when this was written."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["humaneval", "mbpp"])
def test_mutated_solutions_fail(name: str) -> None:
    spawn = multiprocessing.get_context("spawn")  # each process forks the plain runs, which threads must not
    with ProcessPoolExecutor(2, spawn) as processes:
        outcomes = dict(processes.map(judged_mutant, rows(name)[::EVERY], chunksize=20))
    assert len(outcomes) == {"humaneval": 55, "mbpp": 325}[name]
    assert {task: outcome for task, outcome in outcomes.items() if outcome != "fail"} == {}


def judged_mutant(row: Row) -> tuple[str, str]:
    """Task and outcome of the first mutant that the tests notice; "none" where they notice none."""
    task, extra, program = row
    # HumanEval's helpers stand in the prompt, and the tests use the prompt's own.
    body = extra.get("prompt", "").count("\n") + 1
    mutant = next((text for text in mutants(program, body) if noticed(extra, text)), None)
    if mutant is None:
        return task, "none"
    return task, verify_code(json.dumps(extra), f"```python\n{mutant}\n```", LIMITS).outcome


CONTESTS = {
    # Position in the file: a program that solves it.
    0: "import sys\n_, *rows = sys.stdin.read().split()\nrows = rows[1:]\n"
    "key = lambda i: [ord(c) * (1 - at % 2 * 2) for at, c in enumerate(rows[i])]\n"
    "print(*[i + 1 for i in sorted(range(len(rows)), key=key)])",
    140: "for _ in range(int(input())):\n    n = int(input())\n"
    "    print(len({i * i for i in range(1, int(n**0.5) + 1)} | {i**3 for i in range(1, 1001) if i**3 <= n}))",
    6: "from math import gcd\nn = int(input())\na = list(map(int, input().split()))\n"
    "print(sum(gcd(a[i], a[j]) * gcd(i + 1, j + 1) for i in range(n) for j in range(n)) % (10**9 + 7))",
}


@pytest.mark.slow
@pytest.mark.parametrize("at", CONTESTS)
def test_contest_programs(at: int) -> None:
    """Hand-made solutions pass; the same with another output, and a program for another problem, fail."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: no contest to judge")
    tests = json.loads((SHARED / "code_stdio" / "code_contests.json").read_text())[at]["tests"]
    extra, program = json.dumps({"kind": "stdio", **tests, "cpu_s": 10}), CONTESTS[at]
    assert verify_code(extra, program).outcome == "pass"
    assert verify_code(extra, program + "\nprint(1)").reason == "tests_failed"
    assert all(verify_code(extra, other).outcome == "fail" for key, other in CONTESTS.items() if key != at)


def noticed(extra: dict[str, Any], program: str) -> bool:
    """Whether a plain run of the tests on it fails."""
    reading, writing = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=plain_run, args=(extra, program, writing))
    process.start()
    writing.close()
    try:
        return bool(reading.recv()) if reading.poll(20) else False
    except EOFError:  # killed at its limit
        return True
    finally:
        process.kill()
        process.join()


def plain_run(extra: dict[str, Any], program: str, answer: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    try:
        space: dict[str, Any] = {"__name__": "plain"}
        exec(program, space)
        exec(extra.get("setup", ""), space)
        for test in extra["tests"]:
            exec(test, space)
    except BaseException:
        answer.send(True)
    else:
        answer.send(False)
