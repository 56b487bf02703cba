"""How a pass continues traces of an earlier pass: from their end, from a cut in their reasoning, or after a "Wait".

Tags are those of `records.thinking`; the sampler writes them in the model's own format.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from records.thinking import join_reasoning
from teacher.sampling.drawn import Drawn, beginning_of

WAIT = "\nWait"
"""Appended to a reasoning that ended, so that the model goes on to check itself (s1, arXiv 2501.19393, section 3.1).
The comma that follows in most traces is left to the model: the token of "Wait," is another one."""


class Beginning(NamedTuple):
    """The beginning of a completion that is given, and how much may be drawn after it."""

    prefix: str = ""
    tokens: int = 0
    """Tokens of the prefix."""
    max_tokens: int | None = None
    """Most tokens drawn after it; None means the pass's setting."""


ANEW = Beginning()


class Tokens(Protocol):
    """The tokens of one model."""

    def count(self, text: str) -> int:
        """Return the number of tokens of a text, in which tags are written as `records.thinking` writes them."""

    def cut(self, text: str, at: int) -> str | None:
        """Return the first `at` tokens of a text; None if it has no more than these."""


class Continuation(Protocol):
    def begin(self, drawn: Drawn) -> Beginning | None:
        """Return where to continue a trace; None if it is kept as it is."""


@dataclass(frozen=True)
class FromTheEnd:
    """Continues a truncated trace."""

    def begin(self, drawn: Drawn) -> Beginning:
        return Beginning(beginning_of(drawn), drawn.completion_tokens)


@dataclass(frozen=True)
class ClosedAt:
    """Closes a reasoning that is longer than `budget` tokens there, and asks for the answer. A shorter one is kept."""

    budget: int
    answer_tokens: int
    """Most tokens of the answer."""
    max_tokens: int
    """Most tokens of the whole trace."""
    tokens: Tokens

    def begin(self, drawn: Drawn) -> Beginning | None:
        reasoning = self.tokens.cut(drawn.reasoning, self.budget)
        if reasoning is None:
            return None
        prefix = join_reasoning(reasoning.rstrip(), "")
        spent = self.tokens.count(prefix)
        return Beginning(prefix, spent, max(1, min(self.answer_tokens, self.max_tokens - spent)))


@dataclass(frozen=True)
class AfterWait:
    """Opens a reasoning that ended by itself again, and lets the model think on. A trace is kept if its reasoning never
    ended, or if less than `answer_tokens` of `max_tokens` are left."""

    answer_tokens: int
    max_tokens: int
    """Most tokens of the whole trace."""
    tokens: Tokens

    def begin(self, drawn: Drawn) -> Beginning | None:
        if not drawn.closed:
            return None
        prefix = join_reasoning(drawn.reasoning + WAIT, "", closed=False)
        spent = self.tokens.count(prefix)
        left = self.max_tokens - spent
        return Beginning(prefix, spent, left) if left >= self.answer_tokens else None
