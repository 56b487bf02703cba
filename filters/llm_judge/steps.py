"""A judge of steps: what it is asked about a trace, and its replies as a score for each step.

A model asked for the first wrong step says nothing about those after it but that they follow a mistake."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from configs.rubric import Rubric
from filters.llm_judge.addresses import addresses_judge
from filters.llm_judge.quoting import fill
from filters.llm_judge.replies import READERS
from filters.scorers.scoring import TraceText
from records.rows import FINISHED

VERSION = "2"
NONE_WRONG = -1
"""As in ProcessBench (arXiv 2412.06559): no step is wrong."""
MOST_DIGITS = 6
"""Of a step's number; no trace has more steps."""


def step_question(trace: TraceText, rubric: Rubric) -> str:
    """Return what the judge reads: the steps of reasoning and answer, numbered from 1. Empty if the trace has no text,
    or if its answer speaks to the judge. The reasoning may: thinking aloud, a model often tells itself to ignore what
    it just wrote."""
    steps = trace.steps()
    if not steps or addresses_judge(trace.answer):
        return ""
    numbered = "\n\n".join(f"Step {number}: {indented(step)}" for number, step in enumerate(steps, start=1))
    return fill(rubric.prompt, {"problem": trace.prompt, "steps": numbered})


def indented(step: str) -> str:
    """Return a step whose further lines are indented, so that a line that begins with `Step 2:` is always the judge's
    numbering and never the text of a formula, a table or a block of code."""
    return "\n  ".join(step.strip().splitlines())


def first_wrong(reply: Mapping[str, Any], rubric: Rubric) -> int | None:
    """Return the index of the first wrong step that a reply names, from 0, or NONE_WRONG; None if it names neither.
    `reply` has the columns `answer`, `closed` and `finish_reason` of a trace."""
    if reply["finish_reason"] != FINISHED or not reply["closed"]:
        return None
    word = READERS[rubric.read](reply["answer"])
    if word is None:
        return None
    if word in {known.casefold() for known in rubric.passes}:
        return NONE_WRONG
    number = word.removeprefix("step").strip()
    if not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        return None
    return int(number) - 1 if int(number) else None


def agreed(votes: Iterable[int | None], n: int, steps: int) -> int | None:
    """Return the step, of so many, that more than half of `n` replies name; None if there is none. A reply that names a
    step that is not there is a vote for none."""
    counts = Counter(vote for vote in votes if vote is not None and vote < steps)
    step, count = counts.most_common(1)[0] if counts else (None, 0)
    return step if 2 * count > n else None


def step_scores(first: int | None, steps: int) -> list[float | None]:
    """Return a score for each step: 1 before the first wrong one, 0 from it on; None for all if that is unknown."""
    if first is None:
        return [None] * steps
    return [1.0 if first == NONE_WRONG or index < first else 0.0 for index in range(steps)]
