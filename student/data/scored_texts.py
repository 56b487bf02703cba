"""Writes replies and labelled solutions as the tokens that a reward model reads, with what it shall say of them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from configs.stages import ProcessRewardStage, RewardModelStage
from records.plain_text import PlainText
from records.rendering import prompt_tokens
from records.reward_text import outcome_text, step_tokens
from student.data.faults import NO_LABEL, SPECIAL_TOKEN, TOO_LONG


@dataclass(frozen=True, slots=True)
class ScoredText:
    """One text. Made for preflight and trainer from a row of `records.replies` or `records.step_labels`."""

    input_ids: list[int]
    at: list[int]
    """Positions at which the scores of its steps are read; empty for a score of the whole."""
    targets: list[float]
    """What each score shall be, between 0 and 1; NaN for an unlabelled step."""
    fault: str
    """The reason, from `student.data.faults`, for which it is left out; empty if it is not."""


Write = Callable[[Mapping[str, Any]], ScoredText]


def writer_of(config: RewardModelStage, tokenizer: Any, embedding_rows: int) -> Write:
    """Return what writes the rows of a stage: of replies, or of solutions for a process reward model."""
    bound, plain = (config.max_length, embedding_rows), PlainText(tokenizer)
    if isinstance(config, ProcessRewardStage):
        return lambda row: write_solution(tokenizer, plain_row(row, plain), config.labels == "hard", *bound)
    return lambda row: write_reply(tokenizer, plain_row(row, plain), *bound)


def plain_row(row: Mapping[str, Any], plain: PlainText) -> dict[str, Any]:
    """Return a row whose texts hold no special token, as in scoring."""
    texts = {name: plain(row[name]) for name in ("prompt", "reasoning", "answer") if name in row}
    return {**row, **texts} | ({"steps": list(map(plain, row["steps"]))} if "steps" in row else {})


def write_reply(tokenizer: Any, row: Mapping[str, Any], max_length: int, embedding_rows: int) -> ScoredText:
    """Write a reply with its problem. Errors: InputError if the chat template refuses it."""
    text = outcome_text(tokenizer, row["prompt"], row["reasoning"], row["answer"], row["closed"])
    ids = prompt_tokens(tokenizer, text)
    return ScoredText(ids, [], [float(row["accepted"])], fault_of(ids, max_length, embedding_rows))


def write_solution(
    tokenizer: Any, row: Mapping[str, Any], hard: bool, max_length: int, embedding_rows: int
) -> ScoredText:
    """Write a problem and the steps of a solution. Blank steps have no score and are left out, as in scoring. With
    `hard`, every label above 0 counts as 1."""
    told = [(step, label) for step, label in zip(row["steps"], row["labels"], strict=True) if step.strip()]
    ids, at = step_tokens(tokenizer, row["prompt"], [step for step, _ in told])
    targets = [math.nan if label is None else float(label > 0) if hard else label for _, label in told]
    fault = NO_LABEL if all(map(math.isnan, targets)) else fault_of(ids, max_length, embedding_rows)
    return ScoredText(ids, at, targets, fault)


def fault_of(ids: list[int], max_length: int, embedding_rows: int) -> str:
    """A text that is too long is never cut: what makes it right or wrong may stand at its end."""
    if max(ids, default=0) >= embedding_rows:
        return SPECIAL_TOKEN
    return TOO_LONG if len(ids) > max_length else ""
