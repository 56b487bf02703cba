"""Makes the job of a sandbox out of an answer and a problem's tests.

All of it reads text of models and of rows, by parsers and patterns whose time nobody bounds: call it in a process that
can be killed.
"""

import ast
import builtins
import re
from dataclasses import dataclass, replace
from typing import Any

from filters.verifiers.programs.blocks import programs_of
from filters.verifiers.programs.imports import provided_names, tree_of, without_idle_imports, without_solution_import
from filters.verifiers.programs.literals import only_states_values
from filters.verifiers.programs.names import called_names, mentioned_names, origins_of, replaced_builtins
from filters.verifiers.programs.sandbox.limits import Limits
from filters.verifiers.programs.unit_tests import CodeTests, read_tests

READING, PRINTING = {"input", "stdin", "open", "fdopen", "read", "fileinput"}, {"print", "stdout", "write"}
"""Names by one of which a program reads its input, and by one of which it prints."""


class NoProgram(ValueError):
    """The answer holds no Python program."""


class Computed(ValueError):
    """The program computes what the problem asks it to state."""


@dataclass(frozen=True)
class Job:
    """What one sandbox has to do. Made by `job_of`; read by `filters.verifiers.code_answer`."""

    tests: CodeTests
    limits: Limits
    program: dict[str, Any]
    """What the program's side receives."""
    questions: dict[str, Any]
    """What only the examiner receives; empty if the tests are inputs and outputs."""


def job_of(extra: str, answer: str, limits: Limits) -> Job:
    """Return the job. Errors: NoTests, NoProgram, Computed."""
    tests = read_tests(extra)
    limits = replace(limits, cpu_s=tests.cpu_s or limits.cpu_s, memory_mib=tests.memory_mib or limits.memory_mib)
    program = program_of(answer, tests)
    if program is None:
        raise NoProgram("the answer holds no Python program")
    if tests.literals and not only_states_values(program):
        raise Computed("the program computes what it has to state")
    program = without_idle_imports(program)
    if not tests.asserts:
        return Job(tests, limits, {"kind": "stdio", "program": program, "before": provided_names(program)}, {})
    asserts, setup = list(map(runnable_test, tests.asserts)), runnable_test(tests.setup)
    return assert_job(program, replace(tests, asserts=asserts, setup=setup), limits)


def program_of(answer: str, tests: CodeTests) -> str | None:
    """Return the last block that defines what asserts call, or that reads an input and prints: one behind it shows how
    that is called, one of its lines, or what comes out. Where none does, it is the last block; None if there is none.
    """
    blocks, others = programs_of(answer)
    asked = "|".join(asked_names(tests))
    defining = [block for block in blocks if asked and defines(block, f"(?:{asked})") and parses(block)]
    own = [block for block in defining if block.strip() not in tests.prompt]  # it may be restated
    whole = [block for block in others if any(map(str.strip, tests.inputs)) and reads_and_prints(block)]
    return next(reversed(own or whole or others), None)


def asked_names(tests: CodeTests) -> list[str]:
    """Return the names one of which a program defines: the entry point, or what asserts call; none for other tests."""
    if tests.literals or not tests.asserts:
        return []
    trees = filter(None, map(tree_of, tests.asserts))
    called = {name for tree in trees for name in called_names(tree)}
    return [root_of(tests)] if tests.entry_point else sorted(called - set(vars(builtins)) or called)


def root_of(tests: CodeTests) -> str:
    """Return the name that the program has to define: `Solution` of `Solution().f`; empty if the problem says none."""
    return re.split(r"\W", tests.entry_point, maxsplit=1)[0]


def reads_and_prints(block: str) -> bool:
    tree = tree_of(block)
    names = mentioned_names(tree) if tree else set()
    return not names.isdisjoint(READING) and not names.isdisjoint(PRINTING)


def assert_job(program: str, tests: CodeTests, limits: Limits) -> Job:
    prompt, setup, root = tests.prompt, tests.setup, root_of(tests)
    if prompt and root and not defines(program, root):
        program = f"{prompt}\n{program}" if not prompt.endswith("\n") else prompt + program
    context = [text for text in (prompt, setup) if text and parses(text)]
    classes = {name for text in context for name in re.findall(r"^class[ \t]+(\w+)", text, re.M)} - {root}
    before = [*provided_names(program), *context]
    shared = [text for text in (prompt if parses(prompt) else "", setup) if text]
    origins = origins_of(tests.asserts, shared, root)
    return Job(
        tests,
        limits,
        {"kind": "assert", "program": program, "before": before, "classes": sorted(classes)},
        {
            "setup": shared,
            "tests": tests.asserts,
            "hidden": [root] if root else [],
            "replaced": replaced_builtins(root, tests.asserts),
            "imports": origins.imports,
            "own": origins.own,
            "refused": origins.refused,
        },
    )


def defines(program: str, name: str) -> bool:
    definition = rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{name}\b|^{name}[ \t]*(?::|=(?!=))"
    return re.search(definition, program, re.M) is not None


def runnable_test(test: str) -> str:
    return without_solution_import(without_idle_imports(test))


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
