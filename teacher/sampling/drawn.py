"""The part of a trace that its completion brings: what a journal keeps, in a type of its own."""

import json
from dataclasses import dataclass

from records.requests import Completion
from records.rows import Trace
from records.thinking import join_reasoning, split_reasoning


@dataclass(frozen=True, slots=True)
class Drawn:
    """Made of a completion by the loop; kept in the journal; with its problem it makes a Trace."""

    reasoning: str
    answer: str
    closed: bool
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    """Of the whole trace, also of what a continued one began with."""
    seed: int
    hinted: bool
    detail: str

    def to_json(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False)


def drawn_of(completion: Completion, thinks: bool, hinted: bool, tokens_before: int) -> Drawn:
    """What a completion adds to its problem. `tokens_before` counts those that a continued one began with."""
    text = completion.text.encode("utf-8", "replace").decode()  # a server's JSON can hold halves of surrogate pairs
    reasoning, answer, closed = split_reasoning(text, thinks)
    return Drawn(
        reasoning=reasoning,
        answer=answer,
        closed=closed,
        finish_reason=completion.finish_reason or "unknown",
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=tokens_before + completion.completion_tokens,
        seed=completion.request.seed,
        hinted=hinted,
        detail=completion.detail,
    )


def drawn_part(trace: Trace) -> Drawn:
    """What a whole trace holds besides its problem."""
    return Drawn(**{name: getattr(trace, name) for name in Drawn.__slots__})


def reasoning_share(drawn: Drawn, tokens: int) -> int:
    """Tokens of the reasoning by its share of characters, where the engine does not say."""
    return round(tokens * len(drawn.reasoning) / max(1, len(drawn.reasoning) + len(drawn.answer)))


def beginning_of(drawn: Drawn) -> str:
    """A truncated trace as the beginning of a completion that goes on with it."""
    return join_reasoning(drawn.reasoning, drawn.answer, drawn.closed)
