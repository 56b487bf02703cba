"""A judge of steps: what it is asked about a trace, and its reply as one score per step, as any scorer of steps gives.

A model asked for the first wrong step says nothing about those after it but that they follow a mistake."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from configs.rubric import Rubric
from filters.llm_judge.addresses import addresses_judge
from filters.llm_judge.quoting import fill
from filters.llm_judge.replies import READERS
from records.rows import FINISHED, Trace
from records.steps import split_steps

NONE_WRONG = -1
"""As in ProcessBench (arXiv 2412.06559): no step is wrong."""


def steps_of(trace: Trace) -> list[str]:
    """Return the steps of the reasoning, then those of the answer."""
    return [*split_steps(trace.reasoning), *split_steps(trace.answer)]


def step_question(trace: Trace, rubric: Rubric) -> str:
    """Return what the judge reads: the steps, numbered from 1. Empty if the trace has no steps, or if it speaks to the
    judge."""
    steps = steps_of(trace)
    if not steps or addresses_judge(trace.reasoning) or addresses_judge(trace.answer):
        return ""
    numbered = "\n\n".join(f"Step {number}: {step.strip()}" for number, step in enumerate(steps, start=1))
    return fill(rubric.prompt, {"problem": trace.prompt, "reference": trace.reference, "steps": numbered})


def first_wrong(reply: Mapping[str, Any], steps: int, rubric: Rubric) -> int | None:
    """Return the index of the first wrong step that one reply names, from 0, or NONE_WRONG; None if it names neither.
    `reply` has the columns `answer`, `closed` and `finish_reason` of a trace."""
    if reply["finish_reason"] != FINISHED or not reply["closed"]:
        return None
    word = READERS[rubric.read](reply["answer"])
    if word is None:
        return None
    if word in {known.casefold() for known in rubric.passes}:
        return NONE_WRONG
    number = word.removeprefix("step").strip()
    if not (number.isascii() and number.isdecimal() and len(number) < 6 and 1 <= int(number) <= steps):
        return None
    return int(number) - 1


def agreed(votes: Iterable[int | None], n: int) -> int | None:
    """Return the step that more than half of `n` replies name; None if there is none."""
    step, count = Counter(votes).most_common(1)[0] if (votes := list(votes)) else (None, 0)
    return step if 2 * count > n else None


def step_scores(first: int | None, steps: int) -> list[float | None]:
    """Return a score for each step: 1 before the first wrong one, 0 from it on; None for all if that is unknown."""
    if first is None:
        return [None] * steps
    return [1.0 if first == NONE_WRONG or index < first else 0.0 for index in range(steps)]
