"""Decides which names of a problem's tests come from the program, and which the tests' own side binds before it runs.

A name that the tests use and nobody defines was meant to be imported (`math.isclose`, `Counter`), or is the program's.
Taken from the program it would be handed the expected value: `class math: isclose = staticmethod(lambda *a: True)`.
"""

import ast
import builtins
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from filters.verifiers.programs.imports import tree_of

MEMBERS = {
    "collections": "Counter OrderedDict defaultdict deque namedtuple",
    "copy": "copy deepcopy",
    "datetime": "date datetime time timedelta",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "functools": "cmp_to_key partial reduce",
    "heapq": "heapify heappop heappush nlargest nsmallest",
    "itertools": "accumulate chain combinations count cycle permutations product",
    "math": "ceil comb cos exp factorial floor gcd hypot inf isclose isinf isnan lcm log nan pi sin sqrt tan",
    "operator": "itemgetter",
    "statistics": "mean median stdev",
    "typing": "Any Dict Iterable List Optional Set Tuple Union",
}
"""What test files import by name, by module."""
MODULE_OF = {name: module for module, names in MEMBERS.items() for name in names.split()}
FOREIGN = {"np": "numpy", "pd": "pandas", "tf": "tensorflow", "plt": "matplotlib", "pytest": "pytest", "scipy": "scipy"}
FOREIGN |= {name: name for name in ("numpy", "pandas", "torch", "sympy", "sklearn")}
"""Names of libraries that no tests have, by what they are called."""


@dataclass(frozen=True)
class Origins:
    """Where the tests' free names come from. Made by `origins_of`; the examiner acts by it."""

    imports: list[str]
    """Statements that bind names on the tests' side, before anything else."""
    own: list[str] | None
    """The names that may come from the program; None if any may, as no entry point says which it defines."""
    refused: list[str]
    """Names that may not: `close` in `assert close(f(1), 3)`, which would be handed the expected value."""


def origins_of(tests: Iterable[str], context: Iterable[str], root: str) -> Origins:
    """Return the origin of every name in the tests. `context` is code that tests may use, such as their set-up, and
    `root` the name of the program's that they call, if the problem says so."""
    before, trees = ([tree for text in texts if (tree := tree_of(text))] for texts in (context, tests))
    free = free_names(trees + before) - {root}
    called = {name for tree in trees for name in called_names(tree)}
    bases = {
        node.value.id
        for tree in trees + before
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    modules = (free & bases - called) & (sys.stdlib_module_names | set(FOREIGN))
    others = free - modules
    # `assert gcd(12, 18) == 6` without an entry point is about the program's `gcd`; beside another function it is ours.
    is_ours = bool(root) or bool((others & called) - set(MODULE_OF))
    members = {name for name in others if name in MODULE_OF and (is_ours or name not in called)}
    imports = [f"import {FOREIGN.get(name, name)} as {name}" for name in sorted(modules)]
    imports += [f"from {MODULE_OF[name]} import {name}" for name in sorted(members)]
    refused = {name for tree in trees for name in sole_judges(tree, others - members)}
    return Origins(imports, [root] if root else None, sorted(refused))


def sole_judges(tree: ast.Module, free: set[str]) -> set[str]:
    """Return the undefined functions that alone decide an assertion on what another undefined function returned."""
    found: set[str] = set()
    for node in ast.walk(tree):
        test = node.test if isinstance(node, ast.Assert) else None
        test = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else test
        if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id in free:
            inner = set().union(*map(called_names, test.args))
            found |= {test.func.id} if inner & free - {test.func.id} else set()
    return found


def called_names(tree: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def mentioned_names(tree: ast.AST) -> set[str]:
    """Return the names of variables, attributes and imports in code."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found.add(name)
    return found


def free_names(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names that code reads and never binds, built-ins left out."""
    read: set[str] = set()
    bound = set(vars(builtins))
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.arg(arg=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.alias(name=name, asname=renamed):
                bound.add(renamed or name.partition(".")[0])
    return read - bound


def replaced_builtins(root: str, tests: Iterable[str]) -> list[str]:
    """Return the built-ins that the problem asks to redefine (MBPP: `assert sum(10,15)==6`), for which the tests use
    the program's version.

    This is the entry point if it is one. Without an entry point it is the first function called, if the tests name
    nothing but built-ins.
    """
    if root:
        return [root] if root in vars(builtins) else []
    trees = [tree_of(text) for text in tests]
    if None in trees:
        return []
    nodes = [node for tree in trees if tree for node in ast.walk(tree)]
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    calls = [node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return calls[:1] if calls and all(name in vars(builtins) for name in names) else []
