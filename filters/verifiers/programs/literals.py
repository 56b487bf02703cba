"""Tells a program that states values from one that computes them."""

import ast

WRITTEN = (
    *(ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Load),
    *(ast.UnaryOp, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult),
)
"""What a written value consists of. The arithmetic is there for `1 + 2j` and `[0] * 5`."""
MAKERS = {"set", "frozenset", "dict", "list", "tuple", "bytearray", "float"}
"""Values without a literal of their own: `set()`, `float("inf")`."""


def only_states_values(program: str) -> bool:
    """Return True if the program only assigns written values to names. Comments may stand anywhere."""
    try:
        body = ast.parse(program).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(
        (
            isinstance(node, ast.Assign)
            and all(isinstance(target, ast.Name) for target in node.targets)
            and is_written(node.value)
        )
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in body
    )


def is_written(value: ast.expr) -> bool:
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            if not (isinstance(node.func, ast.Name) and node.func.id in MAKERS) or node.keywords:
                return False
        elif isinstance(node, ast.Name):
            if node.id not in MAKERS:
                return False
        elif not isinstance(node, WRITTEN):
            return False
    return True
