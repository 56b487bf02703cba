"""Tells a program that states values from one that computes them."""

import ast

WRITTEN = (
    *(ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Load),
    *(ast.UnaryOp, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult),
)
"""What a written value consists of. The arithmetic is there for `1 + 2j` and `[0] * 5`."""
MAKERS = {"set", "frozenset", "dict", "list", "tuple", "range", "bytearray", "float"}
"""Values without a literal of their own: `set()`, `float("inf")`, `dict(a=1)`."""


def only_states_values(program: str) -> bool:
    """Return True if the program only assigns written values to names. Comments may stand anywhere."""
    try:
        return all(map(states_a_value, ast.parse(program).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def states_a_value(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) for target in node.targets) and is_written(node.value)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.value is not None and is_written(node.value)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_written(node: ast.AST) -> bool:
    """Return True for a value that is there as it stands. A lambda is one, whatever it would compute: only the function
    that gets it as an argument calls it."""
    if isinstance(node, ast.Lambda):
        return not node.args.defaults and not any(node.args.kw_defaults)
    if isinstance(node, ast.Name):
        return node.id in MAKERS
    if isinstance(node, ast.Call):
        is_maker = isinstance(node.func, ast.Name) and node.func.id in MAKERS
        return is_maker and all(map(is_written, [*node.args, *(keyword.value for keyword in node.keywords)]))
    return isinstance(node, WRITTEN) and all(map(is_written, ast.iter_child_nodes(node)))
