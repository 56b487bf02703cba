"""Verifies reasoning-gym answers by the task's own scorer, from the entry stored with the problem."""

import ast
import json
from typing import Any

from filters.reasons import FAIL, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from filters.verifiers.evidence import Evidence
from filters.verifiers.extraction.announcements import announced_answer
from filters.verifiers.extraction.boxed import boxes
from filters.verifiers.extraction.final_answer import ANSWER_ELEMENT
from records.rows import REASONING_GYM, Verdict

NAME, VERSION = REASONING_GYM, "2"
FULL_SCORE = 1.0 - 1e-6
"""Score of an answer that passes. Scorers give partial credit for near answers (complex_arithmetic: exp(-distance)),
which is not enough."""
EVALUATED = {"string_insertion", "spiral_matrix", "binary_matrix", "n_queens"}
PARSED = {"simple_integration", "intermediate_integration", "polynomial_multiplication", "puzzle24", "countdown"}
"""Tasks whose scorer in reasoning-gym 0.1.25 passes the answer to `eval` (EVALUATED) or to sympy's `parse_expr`,
which evaluates it too (PARSED). `tests/filters/verifiers/test_reasoning_gym_answer.py` looks for others."""
SIGNS = (ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator)
PLAIN = (ast.Expression, ast.Constant, ast.Load, ast.List, ast.Tuple, *SIGNS)
FUNCTIONS = {"sin", "cos", "tan", "exp", "log", "ln", "sqrt", "asin", "acos", "atan", "sinh", "cosh", "tanh", "Abs"}


def quick(evidence: Evidence) -> Verdict | None:
    """Return a pass if the box holds exactly the reference's text; else None."""
    found = boxes(evidence.answer)
    if found and found[-1].strip() == evidence.reference.strip() != "":
        return Verdict(NAME, VERSION, PASS, detail=found[-1].strip(), score=1.0)
    return None


def full(evidence: Evidence) -> Verdict:
    """Score what the box, an `<answer>` element or a final phrase holds, or else the whole answer."""
    from reasoning_gym import get_score_answer_fn  # takes 2 s, as it imports every task

    entry = json.loads(evidence.extra)
    task = entry["metadata"]["source_dataset"]
    scorer = get_score_answer_fn(task)
    extracted = stated(evidence.answer)
    if task in EVALUATED | PARSED and not is_harmless(extracted, needs_syntax=task in PARSED):
        return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, extracted, 0.0)
    try:
        score = float(scorer(extracted, entry))
    except Exception as error:  # scorers raise on answers in a form they do not expect, and on broken entries
        if scores(scorer, entry):
            return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, extracted, 0.0)
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"{extracted}: {type(error).__name__}"[-200:])
    if score >= FULL_SCORE:
        return Verdict(NAME, VERSION, PASS, detail=extracted, score=score)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, extracted, score)


def stated(answer: str) -> str:
    """Return the last box or `<answer>` as it is, else what is announced, else the whole text, which is the only
    form of a board."""
    found = [box for box in boxes(answer) if box.strip()] or ANSWER_ELEMENT.findall(answer)
    return (found[-1] if found else announced_answer(answer) or answer).strip()


def is_harmless(answer: str, needs_syntax: bool) -> bool:
    """Return True if Python would see only numbers, texts, lists, names, signs and common functions of one argument.

    Text that is not Python is harmless to `eval`. sympy's parser knows more syntax and would evaluate it.
    """
    try:
        nodes = list(ast.walk(ast.parse(answer.strip(), mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return not needs_syntax
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return all(is_plain(node, id(node) in called) for node in nodes)


def is_plain(node: ast.AST, is_called: bool) -> bool:
    match node:
        case ast.Call():
            return len(node.args) == 1 and not node.keywords
        case ast.Name():
            return node.id in FUNCTIONS if is_called else node.id.isalpha()
    return isinstance(node, PLAIN) and not is_called


def scores(scorer: Any, entry: dict[str, Any]) -> bool:
    """Return True if the scorer gives full credit to the entry's own answer."""
    try:
        return float(scorer(str(entry["answer"]), entry)) >= FULL_SCORE
    except Exception:
        return False
