"""Reads MATH-APS (OmegaPRM, arXiv 2406.06592; openreasoner/openr) in its three forms.

    {"question": "If …", "reasoning_steps": {"text": "If …", "mc_value": 0.9, "children": [{"text": "To …", …}]}}
    {"question": "If …", "reasoning_steps": [{"solution_prefix": "If …\\n\\n\\nTo …", "mc_value": 0.9}, …]}
    {"question": "If …", "partial_answer": "To …", "mc_score": 0.95}

A value is the share of rollouts from there that reached the reference. A step is the text between two values. The first
two forms are trees, the second with each node's whole prefix; their root is the question. Every leaf gives a solution,
in which steps of an earlier leaf are unlabelled, so that every label stands once. Steps after a value
of 0 have values of their own.
"""

from collections.abc import Iterator
from typing import Any

from records.errors import InputError
from records.step_labels import LabelledSolution
from records.tables import Row, clipped
from student.data.step_labels.cells import cell

Path = tuple[tuple[str, float], ...]
"""The texts and values from the root's children to a leaf."""


def math_aps(row: Row) -> Iterator[LabelledSolution]:
    place, cells = row
    question = cell(cells, "question", str, place)
    if "partial_answer" in cells:
        text = cell(cells, "partial_answer", str, place)
        yield LabelledSolution(question, (text,), (share(cells, "mc_score", place),), "math_aps")
        return
    nodes = cell(cells, "reasoning_steps", (list, dict), place)
    told: dict[tuple[int, str], int] = {}
    for path in paths(nodes, place) if isinstance(nodes, dict) else prefix_paths(nodes, question, place):
        labels = tuple(untold(path, told))
        yield LabelledSolution(question, tuple(text for text, _ in path), labels, "math_aps")


def untold(path: Path, told: dict[tuple[int, str], int]) -> Iterator[float | None]:
    """Yield the values of a path, None for the steps that it shares with an earlier one. `told` numbers the steps so
    far from 1, each by the number of the one before it and its text."""
    number = 0
    for text, value in path:
        step = number, text
        yield None if step in told else value
        number = told.setdefault(step, len(told) + 1)


def paths(root: dict[str, Any], place: str) -> Iterator[Path]:
    """Yield the path to every leaf of a tree, without its root."""
    open_nodes: list[tuple[dict[str, Any], Path]] = [(root, ())]
    while open_nodes:
        node, path = open_nodes.pop()
        children = cell(node, "children", list, place)
        if not children and path:
            yield path
        for child in reversed(children):
            step = cell(child, "text", str, place), share(child, "mc_value", place)
            open_nodes.append((child, (*path, step)))


def prefix_paths(nodes: list[dict[str, Any]], question: str, place: str) -> Iterator[Path]:
    """Yield the path to every prefix that no other continues, cut where another prefix ends."""
    values = {cell(node, "solution_prefix", str, place): share(node, "mc_value", place) for node in nodes}
    ordered = sorted(values)  # a prefix stands right before all that begin with it
    above: list[str] = []
    for index, text in enumerate(ordered):
        while above and not text.startswith(above[-1]):
            above.pop()
        above.append(text)
        if above[0] != question:
            raise InputError(f"{place}: a 'solution_prefix' does not begin with the question; correct the row")
        is_leaf = index + 1 == len(ordered) or not ordered[index + 1].startswith(text)
        if is_leaf and len(above) > 1:
            starts = map(len, above)
            yield tuple((step[start:], values[step]) for start, step in zip(starts, above[1:], strict=False))


def share(row: Any, key: str, place: str) -> float:
    value = cell(row, key, (int, float), place)
    if not 0 <= value <= 1:
        raise InputError(f"{place}: {key!r} is {clipped(value)}, not between 0 and 1; correct the row")
    return float(value)
