"""The part of a trace that comes from its completion, which is what a journal stores."""

import json
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter, ValidationError

from records.clean import clean_text
from records.errors import InputError
from records.requests import Completion
from records.rows import Trace
from records.searched import Searched
from records.thinking import join_reasoning, split_reasoning


@dataclass(frozen=True, slots=True)
class Drawn:
    """A completion, split and counted. Made by the loop; stored in the journal; joined with its problem to a Trace."""

    reasoning: str
    answer: str
    closed: bool
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    """Tokens of the whole trace, including those that a continued trace began with."""
    seed: int
    hinted: bool
    detail: str
    searched: Searched | None = None
    """What a search for it cost; None if it was drawn plainly."""

    def to_json(self) -> str:
        values = {name: getattr(self, name) for name in self.__slots__ if name != "searched"}
        found = {"searched": asdict(self.searched)} if self.searched else {}
        return json.dumps(values | found, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: bytes) -> "Drawn":
        """Errors: InputError for what another version of Retort wrote."""
        try:
            return AS_JSON.validate_json(text, strict=True, extra="forbid")
        except ValidationError as error:
            wrong = error.errors()[0]
            raise InputError(f"no trace ({'.'.join(map(str, wrong['loc']))}: {wrong['msg']})") from error


AS_JSON = TypeAdapter(Drawn)


def drawn_of(completion: Completion, thinks: bool, hinted: bool) -> Drawn:
    """Convert a completion."""
    reasoning, answer, closed = split_reasoning(clean_text(completion.text), thinks)
    return Drawn(
        reasoning=reasoning,
        answer=answer,
        closed=closed,
        finish_reason=clean_text(completion.finish_reason) or "unknown",
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.request.prefix_tokens + completion.completion_tokens,
        seed=completion.request.seed,
        hinted=hinted,
        detail=clean_text(completion.detail),
        searched=completion.searched,
    )


def drawn_part(trace: Trace) -> Drawn:
    """Extract from a whole trace the part that its completion brought."""
    return Drawn(**{name: getattr(trace, name) for name in Drawn.__slots__})


def reasoning_share(drawn: Drawn, tokens: int) -> int:
    """Estimate the reasoning's tokens from its share of the characters, for engines that do not count them."""
    return round(tokens * len(drawn.reasoning) / max(1, len(drawn.reasoning) + len(drawn.answer)))


def beginning_of(drawn: Drawn) -> str:
    """Return a truncated trace as the prefix of the completion that continues it."""
    return join_reasoning(drawn.reasoning, drawn.answer, drawn.closed)
