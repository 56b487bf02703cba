"""Chooses the problems that reinforcement learning asks, by how often the teacher solves them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from configs.reinforcement import PromptChoice
from filters.counting.pass_rates import PassRate, outcome
from filters.reasons import CONTAMINATED, OVER_LIMIT, TOO_EASY, TOO_HARD, UNJUDGED
from filters.rules.contamination import Contamination
from records.errors import InputError
from records.parquet import as_dict, count_rows, read_problems, read_traces, write_rows
from records.prompts import PROMPTS, PROMPTS_FILE, PromptsCounts

EDGE = 1e-9
"""A pass rate this close to a bound is in the band: 0.1 of ten traces is 0.1, however it was computed."""


def choose_prompts(
    folder: Path,
    problems: Path,
    judged: Path | None,
    choice: PromptChoice,
    contamination: Contamination,
    pass_rate: PassRate,
) -> PromptsCounts:
    """Write `prompts.parquet`, the chosen problems in their order, and return how many were left out and why.

    `judged` holds the teacher's judged traces; None if `choice` needs no pass rates. `pass_rate` computes one from the
    numbers of a problem's decided first traces and of the accepted among these. Memory holds two numbers for each
    problem. Errors: InputError if no problem is left.
    """
    rates = first_pass_rates(judged, pass_rate) if judged else {}
    left_out: Counter[str] = Counter()

    def chosen() -> Iterator[dict[str, Any]]:
        count = 0
        for problem in read_problems(problems):
            reason = why_not(problem.id, rates, choice)
            if not reason and contamination.match(problem.prompt):
                reason = CONTAMINATED
            if not reason and choice.limit is not None and count >= choice.limit:
                reason = OVER_LIMIT
            if reason:
                left_out[reason] += 1
                continue
            count += 1
            yield as_dict(problem) | {"pass_rate": rates.get(problem.id)}

    count = write_rows(folder / PROMPTS_FILE, chosen(), PROMPTS)
    if not count:
        raise InputError(nothing_left(choice, left_out))
    return PromptsCounts(problems=count_rows(problems), chosen=count, left_out=dict(left_out.most_common()))


def first_pass_rates(judged: Path, pass_rate: PassRate) -> dict[str, float]:
    """Return the pass rate of every problem with a decided trace, by its id."""
    decided: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for trace in read_traces(judged):
        found = outcome(trace)
        if found is not None:
            decided[trace.problem_id] += 1
            accepted[trace.problem_id] += found
    return {problem: pass_rate(count, accepted[problem]) for problem, count in decided.items()}


def why_not(problem_id: str, rates: Mapping[str, float], choice: PromptChoice) -> str:
    """Return the reason for which a problem's pass rate leaves it out; empty if it does not."""
    if not choice.needs_rates:
        return ""
    if problem_id not in rates:
        return UNJUDGED
    low, high = choice.pass_rate or (0.0, 1.0)
    rate = rates[problem_id]
    return TOO_HARD if rate < low - EDGE else TOO_EASY if rate > high + EDGE else ""


def nothing_left(choice: PromptChoice, left_out: Counter[str]) -> str:
    band = f"prompts.pass_rate {list(choice.pass_rate)}" if choice.pass_rate else "prompts"
    counts = ", ".join(f"{count:,} {reason}" for reason, count in left_out.most_common()) or "there are none"
    return f"{band} leaves no problem to ask ({counts}); widen the band, or sample more problems"
