"""Verifies programs: runs the answer's program against the problem's tests in a sandbox, by asserts or by stdin and
stdout."""

import ast
import builtins
import re
import signal
from dataclasses import replace
from typing import Any

from configs.judging import CodeLimits
from filters.reasons import FAIL, NO_ANSWER, PASS, TESTS_FAILED, TIMEOUT, UNKNOWN, UNVERIFIABLE
from filters.verifiers.evidence import Evidence
from filters.verifiers.programs.blocks import program_of
from filters.verifiers.programs.imports import provided_names, without_idle_imports, without_solution_import
from filters.verifiers.programs.literals import only_states_values
from filters.verifiers.programs.output_match import TOLERANCE, same_output
from filters.verifiers.programs.sandbox.host import Limits, MemoryLimit, SandboxFailed, WallLimit, sandbox
from filters.verifiers.programs.unit_tests import CodeTests, NoTests, read_tests
from records.rows import CODE, Verdict

NAME, VERSION = CODE, "2"
DEFAULTS = Limits()


def limits_of(config: CodeLimits) -> Limits:
    return Limits(config.cpu_s, config.memory_mib, config.total_memory_mib)


def full(evidence: Evidence, limits: CodeLimits) -> Verdict:
    return verify_code(evidence.extra, evidence.answer, limits_of(limits))


def verify_code(extra: str, answer: str, limits: Limits = DEFAULTS) -> Verdict:
    """Judge one answer. This is safe to call from several threads. Errors: InputError if bubblewrap is missing."""
    try:
        tests = read_tests(extra)
    except NoTests as error:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, str(error)[:300])
    stated = {"cpu_s": tests.cpu_s, "memory_mib": tests.memory_mib}
    limits = replace(limits, **{name: int(value) for name, value in stated.items() if value})
    program = program_of(answer)
    if program is None:
        return Verdict(NAME, VERSION, FAIL, NO_ANSWER, "the answer holds no Python program")
    if tests.literals and not only_states_values(program):
        return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, "the program computes what it has to state")
    program = without_idle_imports(program)
    tests = replace(tests, asserts=list(map(runnable_test, tests.asserts)), setup=runnable_test(tests.setup))
    try:
        return judge_asserts(program, tests, limits) if tests.asserts else judge_stdio(program, tests, limits)
    except WallLimit:
        return Verdict(NAME, VERSION, UNKNOWN, TIMEOUT, f"not finished within {limits.deadline_s:g} s of wall time")
    except (MemoryLimit, SandboxFailed) as error:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"sandbox: {error}")


def judge_stdio(program: str, tests: CodeTests, limits: Limits) -> Verdict:
    """Run one test after another, each in a new process, until one fails."""
    tolerance = TOLERANCE if tests.tolerance is None else tests.tolerance
    with sandbox(limits) as box:
        box.send({"kind": "stdio", "program": program, "before": provided_names(program)})
        for at, (stdin, expected) in enumerate(zip(tests.inputs, tests.outputs, strict=True), start=1):
            box.send({"input": stdin})
            result = box.receive(limits.deadline_s)
            ended = ending(result, limits)
            if ended:
                return ended
            if result["status"]:
                last = (result["stderr"].strip().splitlines() or [f"exit status {result['status']}"])[-1]
                return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, f"test {at}: {last[:300]}")
            if not same_output(expected, result["stdout"], tolerance):
                return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, f"test {at}: wrong output")
    return Verdict(NAME, VERSION, PASS)


def judge_asserts(program: str, tests: CodeTests, limits: Limits) -> Verdict:
    """Run all tests at once. The program sees none of them, only the arguments of each call."""
    job, questions = prepare(program, tests)
    with sandbox(limits) as box:
        box.send(job)
        box.send(questions)
        result = box.receive(limits.deadline_s)
    if "unsupported" in result:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, result["unsupported"][:300])
    # A program that ended because the examiner was done was killed by the harness, which says nothing about it.
    ended = ending(result if result.get("gone") else {**result, "killed": False, "status": 0}, limits)
    if ended:
        return ended
    if "error" in result:
        return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, result["error"])
    if not result["asked"]:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, "the tests never use the program")
    return Verdict(NAME, VERSION, PASS)


def ending(result: dict[str, Any], limits: Limits) -> Verdict | None:
    """Return the verdict if the way in which the program ended decides it."""
    if result["timeout"]:
        return Verdict(NAME, VERSION, FAIL, TIMEOUT, f"{result['cpu_s']:.1f} s of {limits.cpu_s} s CPU")
    if result["killed"]:  # by itself, or by a host without memory: the cause is unknown
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"killed after {result['cpu_s']:.2f} s CPU")
    if result["status"] < 0:
        return Verdict(NAME, VERSION, FAIL, TESTS_FAILED, f"killed by {signal.Signals(-result['status']).name}")
    return None


def prepare(program: str, tests: CodeTests) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the program's side receives, and what only the examiner receives."""
    prompt, setup = tests.prompt, tests.setup
    root = re.split(r"\W", tests.entry_point, maxsplit=1)[0]
    if (
        prompt
        and root
        and not re.search(rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{root}\b|^{root}[ \t]*[:=]", program, re.M)
    ):
        program = f"{prompt}\n{program}" if not prompt.endswith("\n") else prompt + program
    context = [text for text in (prompt, setup) if text and parses(text)]
    classes = {name for text in context for name in re.findall(r"^class[ \t]+(\w+)", text, re.M)} - {root}
    before = [*provided_names(program), *context]
    job = {"kind": "assert", "program": program, "before": before, "classes": sorted(classes)}
    shared = [text for text in (prompt if parses(prompt) else "", setup) if text]
    questions = {"setup": shared, "tests": tests.asserts, "hidden": [root] if root else []}
    return job, {**questions, "replaced": replaced(root, tests.asserts)}


def runnable_test(test: str) -> str:
    return without_solution_import(without_idle_imports(test))


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def replaced(root: str, tests: list[str]) -> list[str]:
    """Return the built-ins that the problem asks to redefine (MBPP: `assert sum(10,15)==6`), for which the tests use
    the program's version.

    This is the entry point if it is one. Without an entry point it is the first function called, if the tests name
    nothing but built-ins.
    """
    if root:
        return [root] if hasattr(builtins, root) else []
    try:
        nodes = [node for text in tests for node in ast.walk(ast.parse(text))]
    except SyntaxError:
        return []
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    calls = [node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return calls[:1] if calls and all(hasattr(builtins, name) for name in names) else []
