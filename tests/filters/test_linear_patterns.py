"""Every pattern that reads a model's output takes linear time: a text ten times as long takes about ten times as long.

Patterns run in another process, which is killed if one takes too long, by the methods by which the code calls them.
Time is the processor's, and the factor that is allowed is generous.
"""

import importlib
import math
import multiprocessing
import pkgutil
import re
import resource
import time
from collections.abc import Iterator
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess

import pytest
from conftest import ROOT

import filters.llm_judge
import filters.rules
import filters.scorers.arithmetic
import filters.verifiers
from records import formula_spans, steps, thinking, uncut_spans

SHORT, LONG = 20_000, 200_000
MOST_TIMES_LONGER, IGNORED_S, MOST_CPU_S = 30, 0.02, 5
"""How much longer the long text may take, seconds below which nothing is compared, and seconds with one text until the
process is killed."""
UNITS = (
    *" aA1.,=-*~`|([{\\\n答",
    *(
        "a ",
        "1 ",
        "1,",
        "(a",
        "{a",
        "\\a",
        "</a",
        "<|",
        "\\text{",
        "\\frac{1}{",
        "answer ",
        "or ",
        "<|channel|>",
        "<th",
        "√1",
        "5 x ",
        "| - ",
        ". $ ",
    ),
)
END = "\x01"
IN_THE_SANDBOX = {"program", "harness"}
"""Modules that only ever run inside a sandbox."""


def modules() -> Iterator[object]:
    yield from (thinking, steps, uncut_spans, formula_spans)
    for package in (filters.verifiers, filters.rules, filters.llm_judge, filters.scorers.arithmetic):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2] not in IN_THE_SANDBOX:
                yield importlib.import_module(found.name)


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern by its name; one that several modules share, once."""
    found: dict[re.Pattern[str], str] = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                found.setdefault(value, f"{module.__name__}.{name}")  # type: ignore[attr-defined]
    return {name: pattern for pattern, name in found.items()}


@cache
def sources() -> dict[str, str]:
    """The code by module."""
    files = [file for folder in ("filters", "records") for file in sorted((ROOT / folder).rglob("*.py"))]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts): file.read_text() for file in files}


def methods(name: str) -> set[str]:
    """How the code calls a pattern: from the beginning of a text, or at every place in it."""
    module, _, constant = name.rpartition(".")
    users = [text for user, text in sources().items() if user == module or f"from {module} import" in text]
    called = {method for text in users for method in re.findall(rf"\b{constant}\.(\w+)\(", text)}
    called |= set() if called else set(re.findall(r"\bpattern\.(\w+)\(", sources()[module]))
    at_start = called & {"fullmatch", "match"}
    return at_start | ({"finditer"} if called - at_start or not called else set())


def cpu_s(pattern: re.Pattern[str], method: str, text: str) -> float:
    started = time.process_time()
    if method == "finditer":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)
    return time.process_time() - started


def slowest(pattern: re.Pattern[str], method: str) -> str:
    """What a text repeats that takes more than linear time; empty if none does."""
    for unit in UNITS:
        most = math.ceil(time.process_time()) + MOST_CPU_S
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        short, long = ((unit * (size // len(unit) + 1))[:size] + END for size in (SHORT, LONG))
        before = cpu_s(pattern, method, short)
        if before > IGNORED_S and cpu_s(pattern, method, long) > MOST_TIMES_LONGER * before:
            return repr(unit)
    return ""


def serve(connection: Connection) -> None:
    """Try one pattern after the other."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        connection.send(slowest(*connection.recv()))


class Tried:
    """The other process: forked for the first pattern, and again after one that it was killed for."""

    def __init__(self) -> None:
        self.process: ForkProcess | None = None

    def slowest(self, pattern: re.Pattern[str], method: str) -> str:
        if self.process is None:
            self.connection, theirs = multiprocessing.Pipe()
            self.process = multiprocessing.get_context("fork").Process(target=serve, args=(theirs,), daemon=True)
            self.process.start()
            theirs.close()
        try:
            self.connection.send((pattern, method))
            return str(self.connection.recv())
        except EOFError:
            self.process.join()
            self.process = None
            return f"over {MOST_CPU_S} s of CPU"

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.join()
            self.process = None


@pytest.fixture(scope="module")
def tried() -> Iterator[Tried]:
    found = Tried()
    yield found
    found.close()


def test_the_patterns_are_found() -> None:
    assert len(patterns()) > 200


@pytest.mark.parametrize("name", patterns())
def test_time_is_linear(name: str, tried: Tried) -> None:
    slow = {method: found for method in methods(name) if (found := tried.slowest(patterns()[name], method))}
    assert not slow


def test_a_quadratic_pattern_is_found(tried: Tried) -> None:
    assert tried.slowest(re.compile(r"\d+x"), "finditer")
    assert not tried.slowest(re.compile(r"\d{1,20}x"), "finditer")
