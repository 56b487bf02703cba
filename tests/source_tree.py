"""The source files of the house, and the modules that each imports."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from conftest import ROOT

STAGES = {"teacher", "filters", "student", "eval"}
SHARED = {"records", "configs"}
OURS = STAGES | SHARED | {"flows", "bench"}


@cache
def sources() -> tuple[Path, ...]:
    return tuple(file for package in sorted(OURS) for file in sorted((ROOT / package).rglob("*.py")))


@cache
def imported(file: Path) -> frozenset[str]:
    """Full names of every module a file imports, inside functions too; `from a import b` gives `a.b`."""
    return frozenset(imports_of(file))


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: relative imports hide where a name comes from"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
