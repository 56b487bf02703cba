"""How a search found a trace, and what the search cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Searched:
    """Made by a search (`teacher.search`), as a column of its traces; null for plain draws. Read by accounts."""

    kind: str
    """The kind of search, as in `sampling.search`."""
    expansions: int
    """Requests that it took, those of dropped paths included."""
    prompt_tokens: int
    """Tokens of the problem's prompt, once for each request that began with it alone. The prefixes of later requests
    were drawn by the search itself, and count once, as completion tokens."""
    completion_tokens: int
    """Tokens drawn in all requests, kept and dropped."""
    unscored: int
    """Prefixes that the scorer left out; they rank last."""
    value: float | None
    """What the scorer says of the trace; None if it left it out."""
