"""Compares searches with plain draws of the same problems at equal tokens.

A search that keeps one path drops what the others cost. It is worth its tokens if it is right more often than what else
they buy: of each problem as many whole traces as its search's tokens pay for, of which the scorer's best is taken, or
the answer of the majority (Snell et al. 2024, arXiv 2408.03314, section 5)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class Tried:
    """A trace of one problem. Made by callers, of a search or of a plain draw."""

    tokens: int
    """Completion tokens drawn for it: those of the whole search, dropped paths included."""
    right: bool
    answer: str
    """Of two traces with the same text here the answers are equivalent; empty if it has no answer."""
    score: float | None = None
    """What the scorer says of it; None if it left it out."""


@dataclass(frozen=True, slots=True)
class AtEqualTokens:
    """Means over problems."""

    problems: int
    tokens: float
    """Of the searches."""
    searched: float
    """Share of the problems whose search found a right answer."""
    draws: float
    """Whole traces that as many tokens pay for."""
    drawn_tokens: float
    """Of these."""
    best_of: float
    """Share of the problems of which the draw with the highest score is right."""
    majority: float
    """Share of the problems of which the most frequent answer is right."""
    short: int
    """Problems with too few draws to spend their search's tokens on: for them the comparison favours the search."""


def at_equal_tokens(searches: Sequence[Tried], draws: Sequence[Sequence[Tried]]) -> AtEqualTokens:
    """Compare the searches of problems with plain draws of the same problems, in the same order. Errors: ValueError
    for a problem without a draw, or for no problem at all."""
    if not searches or not all(draws):
        raise ValueError("every problem needs a search and a draw")
    bought = [ours[: draws_within(ours, one.tokens)] for one, ours in zip(searches, draws, strict=True)]
    return AtEqualTokens(
        problems=len(searches),
        tokens=fmean(one.tokens for one in searches),
        searched=fmean(one.right for one in searches),
        draws=fmean(map(len, bought)),
        drawn_tokens=fmean(sum(one.tokens for one in some) for some in bought),
        best_of=fmean(best_of(some).right for some in bought),
        majority=fmean(majority_of(some).right for some in bought),
        short=sum(
            len(some) == len(ours) and sum(other.tokens for other in ours) < one.tokens
            for one, some, ours in zip(searches, bought, draws, strict=True)
        ),
    )


def draws_within(draws: Sequence[Tried], tokens: int) -> int:
    """Return how many of the first draws cost at most so many tokens together; at least 1."""
    spent = 0
    for number, one in enumerate(draws):
        spent += one.tokens
        if spent > tokens:
            return max(1, number)
    return len(draws)


def best_of(draws: Sequence[Tried]) -> Tried:
    """Return the draw with the highest score, the first of equals. What the scorer left out comes last."""
    return max(draws, key=lambda one: (one.score is not None, one.score or 0.0))


def majority_of(draws: Sequence[Tried]) -> Tried:
    """Return a draw with the most frequent answer, of equals the one that came first. Draws without an answer do not
    vote."""
    votes = Counter(one.answer for one in draws if one.answer)
    return max(draws, key=lambda one: votes[one.answer] if one.answer else 0)
