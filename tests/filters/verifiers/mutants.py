"""Makes wrong versions of a right program, each with one small change to its syntax tree."""

import ast
import copy
from collections.abc import Iterator

FLIPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
}  # fmt: skip


def mutants(program: str, from_line: int = 0) -> Iterator[str]:
    """Comparisons and operators flipped, numbers off by one, conditions negated, results wrapped; last a constant one.

    Nothing before `from_line` is changed.
    """
    tree = ast.parse(program)
    for at, original in enumerate(ast.walk(tree)):
        if getattr(original, "lineno", 0) < from_line:
            continue
        changed = copy.deepcopy(tree)
        node = list(ast.walk(changed))[at]
        if change(node):
            yield ast.unparse(ast.fix_missing_locations(changed))
    changed = copy.deepcopy(tree)
    for node in ast.walk(changed):
        if isinstance(node, ast.Return) and node.lineno >= from_line:
            node.value = ast.Constant("a wrong answer")
    yield ast.unparse(changed)


def change(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in FLIPPED:
        node.ops[0] = FLIPPED[type(node.ops[0])]()  # type: ignore[call-overload]
    elif isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)) and type(node.op) in FLIPPED:
        node.op = FLIPPED[type(node.op)]()  # type: ignore[assignment]
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        node.value += 1
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        node.value = not node.value
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.Tuple([node.value], ast.Load())
    else:
        return False
    return True
