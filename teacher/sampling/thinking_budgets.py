"""The passes in which stored traces answer again after less reasoning, or after more of it.

The first pass's traces are those that are stored; they are taken over from the stage that drew them. One pass for each
budget closes every reasoning that is longer and draws the answer alone, so that a curve over budgets costs answers only
(budget forcing: s1, arXiv 2501.19393). Passes that append "Wait" follow one another, each from the traces of the one
before. A trace that a pass leaves as it is is written under its budget, too, so that every budget has all traces.
"""

from dataclasses import dataclass, replace

from records.errors import InputError
from records.hashing import fingerprint, request_seed
from teacher.sampling.continuation import AfterWait, ClosedAt, Tokens
from teacher.sampling.passes import Pass

VERSION = "1"
"""Raised when the same trace continues from another place."""


@dataclass(frozen=True)
class ThinkingBudgets:
    """The budgets under which traces answer again. Made by the flow from the config."""

    think: tuple[int, ...]
    """Tokens at which the reasoning is closed, each a pass."""
    wait: int
    """Times that "Wait" is appended, each a pass."""
    answer_tokens: int
    """Most tokens of an answer after a closed reasoning."""
    tokens: Tokens
    """The model's own."""


def budget_passes(first: Pass, budgets: ThinkingBudgets, thinks: bool) -> list[Pass]:
    """Return the passes that follow the first. Errors: InputError if the model does not think, or if its longest trace
    has no room for a budget and an answer."""
    most, answer, tokens = first.settings.max_tokens, budgets.answer_tokens, budgets.tokens
    if not thinks:
        raise InputError("evaluation.budgets: the model answers without thinking; remove budgets, or let it think")
    if budgets.think and max(budgets.think) + answer > most:
        raise InputError(
            f"evaluation.budgets: {max(budgets.think)} tokens of thinking and {answer} of the answer exceed "
            f"max_tokens ({most}); lower think or answer_tokens, or raise max_tokens"
        )
    passes = [
        budget_pass(first, first, at, str(budget), ClosedAt(budget, answer, most, tokens))
        for at, budget in enumerate(budgets.think, start=1)
    ]
    source = first
    for times in range(1, budgets.wait + 1):
        source = budget_pass(first, source, len(passes) + 1, f"wait {times}", AfterWait(answer, most, tokens))
        passes.append(source)
    return passes


def budget_pass(first: Pass, source: Pass, attempt: int, budget: str, continuation: ClosedAt | AfterWait) -> Pass:
    """Return a pass that continues the traces of `source`, whatever its place among the passes."""
    told = [budget, continuation.answer_tokens, VERSION]
    shaping = fingerprint([source.shaping, *told])
    # A seed of its own: with the first pass's seed, an answer would be drawn from the numbers of its reasoning.
    return replace(
        first,
        attempt=attempt,
        seed=request_seed(first.seed, shaping, 0),
        shaping=shaping,
        continuation=continuation,
        source=source.attempt,
        budget=budget,
    )
