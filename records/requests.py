"""What the sampling loop and an engine say to each other: requests, completions, and the engine's interface."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from records.counts import EngineCounts
from records.rows import Problem

Key = tuple[str, int, int]
"""What names a request and its trace: problem id, attempt, sample_index."""
Messages = tuple[dict[str, str], ...]
"""`role` and `content` of each turn."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What shapes a completion besides model, messages and seed: one for each pass. Made by the sampling loop from the
    config; read by samplers."""

    temperature: float
    top_p: float
    top_k: int
    """-1 is off."""
    max_tokens: int
    stop_loops: bool = False
    """End a completion that repeats itself, with finish_reason `LOOPED`, where the sampler can."""
    thinking_tokens: int | None = None
    """Close a reasoning that is as long as this, and go on to the answer, where the sampler can. None is off."""


@dataclass(frozen=True, slots=True)
class Request:
    """One completion to draw. Made by the sampling loop; read by samplers, which need nothing else to draw it.

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
    """What the model is asked with: the prompt's template, filled in."""
    settings: Settings
    prefix: str = ""
    """How the completion begins, tags included: the sampler goes on from there. Empty for a completion of its own."""
    chat_template_kwargs: dict[str, Any] = field(default_factory=dict, compare=False)
    """Arguments of the model's chat template."""

    @property
    def key(self) -> Key:
        return self.problem.id, self.attempt, self.sample_index


@dataclass(frozen=True, slots=True)
class Completion:
    """What a sampler drew for one request. Read by the sampling loop, which makes a Trace of it."""

    request: Request
    text: str
    """The whole completion, tags included, with the prefilled `<think>` if the prompt ended in one, and the prefix."""
    finish_reason: str
    prompt_tokens: int
    """Of the prompt as the engine saw it, a prefix included."""
    completion_tokens: int
    """Drawn for this request: a prefix does not count."""
    reasoning_tokens: int | None = None
    """How many of them are reasoning, where the engine says so."""
    detail: str = ""
    """Why a request failed, in one line."""


class Sampler(Protocol):
    """Draws completions. Made once a stage and only if a draw is missing: an engine takes a minute to start."""

    batch_invariant: bool
    """Whether a completion is the same whatever it was batched with; if not, torn shards are drawn whole."""

    def room(self) -> int:
        """How many more requests it wants now."""

    def submit(self, request: Request) -> None:
        """Never blocks."""

    def cancel(self, request: Request) -> None:
        """What is no longer needed; no completion follows (one may already be on its way)."""

    def finished(self) -> list[Completion]:
        """Waits until at least one submitted request is done, or returns [] if none is in flight."""

    def timings(self) -> EngineCounts:
        """What it took, for the manifest."""

    def close(self) -> None:
        """Called once at the end of the stage, also after an error. An engine that others use goes on."""
