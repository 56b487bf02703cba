"""Makers of solutions whose steps are labelled."""

from bench.step_sets import Solution, key_of
from records.step_labels import LabelledSolution


def make_solution(problem: str, *labels: float | None, steps: tuple[str, ...] = (), name: str = "made") -> Solution:
    texts = steps or tuple(f"step {at}" for at in range(len(labels)))
    return Solution(name, key_of(problem), LabelledSolution(problem, texts, labels, name))
