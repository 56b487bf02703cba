"""Reads a problem's unit tests, in the forms in which data sets write them, as asserts or as inputs with outputs."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from records.clean import number_within

CHECK = re.compile(r"^def check\(", re.MULTILINE)
CALLED = re.compile(r"^check\(", re.MULTILINE)


MOST_CPU_S, MOST_MEMORY_MIB = 3600, 1 << 16
"""The largest limits that a problem may state for itself."""


class NoTests(ValueError):
    """The data stored with the problem are not a set of tests."""


@dataclass(frozen=True)
class CodeTests:
    """Unit tests of one problem: either `asserts`, or as many `inputs` as `outputs`. Made by `read_tests`."""

    asserts: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    prompt: str = ""
    """Code that the program continues, such as HumanEval's: imports, helpers, the head of the function."""
    setup: str = ""
    """Code that the program and the tests may use."""
    entry_point: str = ""
    """The name that the tests call: `f`, or `Solution().f`."""
    tolerance: float | None = None
    """Tolerance of decimal outputs, absolute or relative, if the problem states its own."""
    cpu_s: int | None = None
    memory_mib: int | None = None
    """The problem's own limits, in place of the configured ones."""
    literals: bool = False
    """True if the program has to state values, as in CRUXEval, and must not compute them."""


def read_tests(extra: str) -> CodeTests:
    """Read the tests from a problem's `extra`, a JSON object whose `tests` has one of these forms (real rows):

        HumanEval      "def check(candidate):\\n    assert candidate(…) == …", with `entry_point` and `prompt`
        MBPP           ["assert remove_Occ(\\"hello\\",\\"l\\") == \\"heo\\"", …], with `setup`, or `test_imports`
                       ["import math"] in its sanitized version
        CodeContests   {"inputs": ["5 5\\nAA\\n…"], "outputs": ["5 3 2 1 4 \\n"]}, or `input` and `output`
        TACO and kin   [{"input": "1 2\\n", "output": "3\\n"}, …]

    or any of these as JSON text. Errors: NoTests says what is wrong.
    """
    try:
        fields = json.loads(extra)
    except ValueError as error:
        raise NoTests(f"extra is not JSON ({error})") from None
    except RecursionError:
        raise NoTests("extra is nested too deeply") from None
    if not isinstance(fields, dict):
        raise NoTests("extra must be a JSON object with `tests`")
    more: dict[str, Any] = {name: text_of(fields, name) for name in ("prompt", "setup", "entry_point")}
    more["setup"] = "\n".join(filter(None, (text_of(fields, "test_imports"), more["setup"])))
    more |= limits_of(fields) | ({"literals": True} if fields.get("literals") else {})
    tests = fields.get("tests", fields)
    if isinstance(tests, str) and tests.lstrip()[:1] in ("[", "{"):
        tests = parsed(tests)
    if isinstance(tests, str):
        tests = [tests]
    if isinstance(tests, list) and tests and all(isinstance(test, str) for test in tests):
        return CodeTests(asserts=[called(test, more["entry_point"]) for test in tests], **more)
    if calls_a_function(fields) or calls_a_function(tests):
        raise NoTests("tests that call a function, by fn_name or testtype: write asserts")
    if isinstance(tests, Mapping):
        inputs, outputs = (tests.get(f"{name}s") or tests.get(name) or [] for name in ("input", "output"))
        if not isinstance(inputs, list) or not isinstance(outputs, list):
            raise NoTests("inputs and outputs must be lists")
        return with_outputs(inputs, outputs, more)
    if not isinstance(tests, list) or not tests:
        raise NoTests("no tests")
    if all(isinstance(test, Mapping) and {"input", "output"} <= set(test) for test in tests):
        return with_outputs([test["input"] for test in tests], [test["output"] for test in tests], more)
    raise NoTests("tests must be texts, or objects with input and output")


def calls_a_function(tests: Any) -> bool:
    """Return True for tests of APPS and TACO with `fn_name`, or of LiveCodeBench with the type `functional`: their
    inputs are arguments, and read as stdin every right program would fail."""
    parts = tests if isinstance(tests, list) else [tests]
    return any(
        isinstance(part, Mapping) and (part.get("fn_name") or part.get("testtype") == "functional") for part in parts
    )


def text_of(fields: dict[str, Any], name: str) -> str:
    """Return a field's code; a list of texts is its lines."""
    value = fields.get(name) or ""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if not isinstance(value, str):
        raise NoTests(f"{name} must be text, found {type(value).__name__}")
    return value


def limits_of(fields: dict[str, Any]) -> dict[str, int | float]:
    """Return the limits that a problem states for itself, in whole seconds and MiB, and its tolerance."""
    found: dict[str, int | float] = {}
    for name, least, most in (("tolerance", 0, 1e9), ("cpu_s", 1, MOST_CPU_S), ("memory_mib", 64, MOST_MEMORY_MIB)):
        if fields.get(name) or (least == 0 and type(fields.get(name)) in (int, float)):
            value = number_within(fields[name], least, most)
            if value is None:
                raise NoTests(f"{name} must be a number from {least} to {most:g}, found {str(fields[name])[:40]}")
            found[name] = value if name == "tolerance" else int(value)
    return found


def parsed(text: str) -> Any:
    """Return the text as JSON, or as it is if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # a program that begins with a bracket


def with_outputs(inputs: list[Any], outputs: list[Any], more: dict[str, Any]) -> CodeTests:
    if not inputs or len(inputs) != len(outputs):
        raise NoTests(f"{len(inputs)} inputs and {len(outputs)} outputs")
    return CodeTests(inputs=list(map(lines, inputs)), outputs=list(map(lines, outputs)), **more)


def lines(value: Any) -> str:
    """Return an input or output as text. Some data sets keep it as a list of lines."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if not isinstance(value, str):
        raise NoTests("an input or output must be text or a list of lines (tests that call a function: write asserts)")
    return value


def called(test: str, entry_point: str) -> str:
    """Add the call of `check`: HumanEval only defines `check(candidate)` and leaves the call to whoever runs it."""
    if not CHECK.search(test) or CALLED.search(test):
        return test
    if not entry_point:
        raise NoTests("check(candidate) needs entry_point")
    return f"{test}\ncheck({entry_point})"
