"""Settles the imports that a judge provides or that need nothing: names of `typing`, an unused `import pytest`, and a
test that imports the solution."""

import ast
import re

from filters.verifiers.mathematics.word_lists import words

TYPING = "from typing import *\n"
"""LeetCode and LiveCodeBench run a program with the names of `typing`."""
# "List[int]"
TYPING_NAMES = re.compile(
    r"\b(?:List|Dict|Set|FrozenSet|Tuple|Optional|Union|Any|Callable|Iterable|Iterator|Generator|Sequence|Mapping|Deque"
    r"|DefaultDict|OrderedDict|Counter|Literal|NamedTuple|TypeVar|Generic|Type)\b"
)
IDLE = {"pytest", "unittest"}
"""Modules of tests. A program or test that imports one may never use it."""
SOLUTION = words("solution solutions main program candidate submission implementation my_solution your_module")
"""Names by which tests import the file that they test."""
LINE_END = re.compile("\r\n?|\n")
"""What Python's parser counts as the end of a line."""


def provided_names(program: str) -> list[str]:
    """Return the code to run before a program that uses names of `typing` and imports none."""
    return [TYPING] if "typing" not in program and TYPING_NAMES.search(program) else []


def without_idle_imports(source: str) -> str:
    """Return the code without imports of test modules that it never uses; code that does not parse as it is."""
    if not any(name in source for name in IDLE):
        return source
    tree = tree_of(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if tree else set()
    idle = [
        node
        for node in (tree.body if tree else [])
        if isinstance(node, ast.Import) and all(alias.name in IDLE and bound(alias) not in used for alias in node.names)
    ]
    return replaced(source, [(node, "") for node in idle])


def without_solution_import(test: str) -> str:
    """Return a test without `from solution import f`: the program's names are known to it anyway. An import under
    another name becomes an assignment."""
    if "import" not in test:
        return test
    tree = tree_of(test)
    changes: list[tuple[ast.stmt, str]] = []
    for node in tree.body if tree else []:
        if isinstance(node, ast.ImportFrom) and (node.module in SOLUTION or (node.level and not node.module)):
            renamed = [alias for alias in node.names if alias.asname and alias.asname != alias.name]
            changes.append((node, "; ".join(f"{alias.asname} = {alias.name}" for alias in renamed)))
    return replaced(test, changes)


def bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def tree_of(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def replaced(source: str, changes: list[tuple[ast.stmt, str]]) -> str:
    """Return the source with other code in place of statements that have their lines to themselves."""
    if not changes:
        return source
    lines = LINE_END.split(source)
    for node, code in changes:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        rest = lines[last].encode()[node.end_col_offset or 0 :].strip()
        if node.col_offset == 0 and (not rest or rest.startswith(b"#")):
            lines[first : last + 1] = [code, *[""] * (last - first)]
    return "\n".join(lines)
