"""The interface between the sampling loop and a sampler: requests, completions and the Sampler protocol."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from records.counts import EngineCounts
from records.logprobs import TokenLogprobs
from records.rows import Problem
from records.searched import Searched

Key = tuple[str, int, int]
"""Problem id, attempt and sample_index, which identify a request and its trace."""
Messages = tuple[dict[str, str], ...]
"""`role` and `content` of each turn."""
PAUSED = "paused"
"""The finish_reason of a completion that reached one of its request's stop texts. No trace has it: a search goes on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Sampling settings of one pass: all that shapes a completion besides model, messages and seed. Made by the
    sampling loop from the config; read by samplers."""

    temperature: float
    top_p: float
    top_k: int
    """-1 turns top-k sampling off."""
    max_tokens: int
    stop_loops: bool = False
    """Samplers that can do so end a completion that repeats itself, with finish_reason `LOOPED`."""
    thinking_tokens: int | None = None
    """Samplers that can do so close the reasoning at this length and continue with the answer. None sets no limit."""
    logprobs: int | None = None
    """How many of the most probable tokens come back with each token; it changes no completion. None asks for none."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one completion. Made by the sampling loop; read by samplers, which need nothing else to draw it.

    Two requests in flight never share a key.
    """

    problem: Problem
    attempt: int
    """0 for the first pass over the problems, i for the i-th second chance."""
    sample_index: int
    """0 .. n-1 within the attempt."""
    seed: int
    """31 bits, derived from the seed of the attempt, the problem id and the sample index."""
    messages: Messages = field(compare=False)
    """The turns that the model is prompted with: the prompt's template, filled in."""
    settings: Settings
    prefix: str = ""
    """Text that the completion begins with, tags included; the sampler continues it. Empty if there is none."""
    prefix_tokens: int = 0
    """Tokens of the prefix, which count as tokens of the trace but not of the completion."""
    prefix_ids: tuple[int, ...] = field(default=(), compare=False)
    """The tokens of the prefix as they were drawn, which the sampler then continues; empty if only its text is known.
    """
    chat_template_kwargs: dict[str, Any] = field(default_factory=dict, compare=False)
    """Further arguments for the model's chat template."""
    stop: tuple[str, ...] = ()
    """Texts at which the completion ends, with finish_reason `PAUSED`; it holds the text that ended it. Only samplers
    that can continue a text know them."""

    @property
    def key(self) -> Key:
        return self.problem.id, self.attempt, self.sample_index


@dataclass(frozen=True, slots=True)
class Completion:
    """The completion of one request. Made by samplers; read by the sampling loop, which turns it into a Trace."""

    request: Request
    text: str
    """The whole completion with its tags, including the prefix and a `<think>` that the prompt ended in."""
    finish_reason: str
    prompt_tokens: int
    """Tokens of the prompt as the engine received it, a prefix included."""
    completion_tokens: int
    """Tokens drawn for this request, a prefix excluded."""
    reasoning_tokens: int | None = None
    """Number of completion tokens that are reasoning; None if the engine does not report it."""
    detail: str = ""
    """Why the request failed, in one line; empty if it did not."""
    searched: Searched | None = None
    """What a search for it cost, which counts in place of its own tokens; None if it was drawn plainly."""
    logprobs: TokenLogprobs | None = None
    """One row for each of the `completion_tokens`, if the request asks for logprobs and the engine gave them."""


class Sampler(Protocol):
    """Draws completions. A stage makes one only if a trace is missing, because an engine takes a minute to start."""

    batch_invariant: bool
    """True if a completion does not depend on the others in its batch; if False, an interrupted shard is drawn anew."""

    def room(self) -> int:
        """Return how many more requests it accepts now."""

    def submit(self, request: Request) -> None:
        """Accept a request without blocking."""

    def cancel(self, request: Request) -> None:
        """Drop a request that is no longer needed. A completion may still arrive if it was already finished."""

    def finished(self) -> list[Completion]:
        """Wait until at least one submitted request is done, or at least has got further; return those that are done.
        An empty list means that none is in flight, or from a sampler that searches that none has ended yet."""

    def timings(self) -> EngineCounts:
        """Return its statistics for the manifest."""

    def close(self) -> None:
        """Release its resources; a shared engine keeps running. Called once at the end of a stage, also on an error."""
