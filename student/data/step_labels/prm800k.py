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
from records.tables import Row
from student.data.step_labels.cells import cell

RATINGS: dict[Any, float | None] = {1: 1.0, 0: 1.0, -1: 0.0, None: None}


def prm800k(row: Row) -> Iterator[LabelledSolution]:
    place, cells = row
    problem = cell(cell(cells, "question", dict, place), "problem", str, place)
    steps: list[tuple[str, float | None]] = []
    others: list[LabelledSolution] = []
    for step in cell(cell(cells, "label", dict, place), "steps", list, place):
        before = tuple(text for text, _ in steps)
        completions = [rated(one, place) for one in cell(step, "completions", (list, type(None)), place) or []]
        chosen = cell(step, "chosen_completion", (int, type(None)), place)
        human = cell(step, "human_completion", (dict, type(None)), place)
        if chosen is None and human is None:
            chosen = next((number for number, (_, value) in enumerate(completions) if value is not None), None)
        elif chosen is not None and not 0 <= chosen < len(completions):
            raise InputError(f"{place}: 'chosen_completion' is {chosen} of {len(completions)}; correct the row")
        for number, (text, value) in enumerate(completions):
            if number != chosen and value is not None:
                labels = (*(None,) * len(before), value)
                others.append(LabelledSolution(problem, (*before, text), labels, "prm800k"))
        if chosen is not None:
            steps.append(completions[chosen])
        elif human is not None:
            steps.append((cell(human, "text", str, place), 1.0))
    if steps:
        texts, values = zip(*steps, strict=True)
        yield LabelledSolution(problem, texts, values, "prm800k")
    yield from others


def rated(completion: dict[str, Any], place: str) -> tuple[str, float | None]:
    rating = completion.get("rating")
    if rating not in RATINGS:
        raise InputError(f"{place}: 'rating' is {rating!r}, none of 1, 0, -1 and null; correct the row")
    return cell(completion, "text", str, place), RATINGS[rating]
