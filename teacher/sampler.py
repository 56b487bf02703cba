"""What the sampling loop asks of every engine."""

from typing import Protocol

from records.rows import Completion, Request


class Sampler(Protocol):
    """Draws completions. Made once a stage and only if a shard is missing: an engine takes a minute to start."""

    batch_invariant: bool
    """Whether a completion is the same whatever it was batched with; if not, torn shards are drawn whole."""

    def room(self) -> int:
        """How many more requests it wants now."""

    def submit(self, request: Request) -> None:
        """Never blocks."""

    def cancel(self, request: Request) -> None:
        """What is no longer needed; no completion follows (one may already be on its way)."""

    def finished(self) -> list[Completion]:
        """Waits until at least one submitted request is done, or returns [] if none is under way."""

    def timings(self) -> dict[str, float]: ...

    def close(self) -> None: ...
