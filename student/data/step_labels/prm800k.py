"""Reads PRM800K (arXiv 2305.20050; openai/prm800k, both phases).

    {"question": {"problem": "Three pencils …"}, "label": {"finish_reason": "solution", "steps": [
        {"completions": [{"text": "Let's …", "rating": 1}, …], "human_completion": null, "chosen_completion": 0}, …]}}

A rating is 1 (right), 0 (neutral: ambiguous, or right but of no use) or -1 (wrong). Neutral steps count as right, as in
the paper's main results; null is unlabelled. A human's completion, written where every completion was bad, is right.
Labelling stopped at the first wrong step that nobody replaced, so nothing follows it.

The chosen steps give one solution. So does every completion that was not chosen, behind the chosen steps before it;
those are unlabelled there, so that every label stands once in the file.
"""

from collections.abc import Iterator
from typing import Any

from records.errors import InputError
from records.step_labels import LabelledSolution
from records.tables import Row, clipped
from student.data.step_labels.cells import cell

RATINGS = {1: 1.0, 0: 1.0, -1: 0.0}
Rated = tuple[str, float | None]
"""A completion's text and label."""


def prm800k(row: Row) -> Iterator[LabelledSolution]:
    place, cells = row
    problem = cell(cell(cells, "question", dict, place), "problem", str, place)
    path: list[Rated] = []
    others: list[tuple[int, Rated]] = []
    """The completions that were not chosen, each with the number of chosen steps before it."""
    for step in cell(cell(cells, "label", dict, place), "steps", list, place):
        taken, rest = completions_of(step, place)
        others += [(len(path), one) for one in rest if one[1] is not None]
        path += [taken] if taken else []
    texts, values = tuple(text for text, _ in path), tuple(value for _, value in path)
    if path:
        yield LabelledSolution(problem, texts, values, "prm800k")
    for before, (text, value) in others:
        yield LabelledSolution(problem, (*texts[:before], text), (*(None,) * before, value), "prm800k")


def completions_of(step: Any, place: str) -> tuple[Rated | None, list[Rated]]:
    """Return the completion with which the solution goes on, if it does, and the others."""
    completions = [rated(one, place) for one in cell(step, "completions", (list, type(None)), place) or []]
    chosen = cell(step, "chosen_completion", (int, type(None)), place)
    human = cell(step, "human_completion", (dict, type(None)), place)
    if chosen is None and human is None:
        chosen = next((number for number, (_, value) in enumerate(completions) if value is not None), None)
    elif chosen is not None and not 0 <= chosen < len(completions):
        raise InputError(f"{place}: 'chosen_completion' is {clipped(chosen)} of {len(completions)}; correct the row")
    if chosen is not None:
        return completions[chosen], [*completions[:chosen], *completions[chosen + 1 :]]
    return ((cell(human, "text", str, place), 1.0) if human is not None else None), completions


def rated(completion: Any, place: str) -> Rated:
    text, rating = cell(completion, "text", str, place), completion.get("rating")
    if rating is None:
        return text, None
    if not isinstance(rating, int | float) or rating not in RATINGS:
        raise InputError(f"{place}: 'rating' is {clipped(rating)}, none of 1, 0, -1 and null; correct the row")
    return text, RATINGS[int(rating)]
