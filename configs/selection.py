"""Which of the accepted traces become dataset rows."""

from typing import Literal

from pydantic import Field, model_validator

from configs.section import Section


class NearDuplicates(Section):
    """When two texts count as the same: MinHash of their word 5-grams, found by locality-sensitive hashing."""

    threshold: float = Field(default=0.9, gt=0, le=1)
    """Jaccard similarity, as estimated from the signatures."""
    permutations: int = Field(default=128, ge=16, le=256)
    """Length of a signature: its estimate errs by about 1/sqrt of it."""


class Selection(Section):
    """Which of the accepted traces become dataset rows."""

    max_per_problem: int = Field(default=4, ge=1)
    order: Literal["first", "shortest", "random", "diverse"] = "first"
    """Which of a problem's accepted traces come first. `diverse` starts with the first and goes on with the one least
    like those already taken."""
    seed: int = 0
    """Draws for `order: random` and for `max_per_source`."""
    near_duplicates: NearDuplicates | None = NearDuplicates()
    """Of a problem's traces nearly alike only the first in order stays; `null` is off. Equal ones always go."""
    near_duplicate_prompts: NearDuplicates | None = None
    """Of problems whose prompts are nearly alike only the first stays; `null` is off, as generated problems need."""
    min_pass_rate: float = Field(default=0.0, ge=0, le=1)
    max_pass_rate: float = Field(default=1.0, ge=0, le=1)
    """Leave out problems whose pass rate is outside this band: of the first pass's traces, without bias where drawing
    stopped at acceptances (docs/sampling.md). Traces judged `unknown` do not count."""
    max_per_source: int | dict[str, int] | None = None
    """Rows per source at most, for all or by the source's name. Every problem's first goes in before any second."""
    min_majority: float | None = Field(default=None, gt=0, le=1)
    """Accept the traces of a problem without a reference whose answer holds at least this share of the votes."""

    @model_validator(mode="after")
    def bounds_fit_together(self) -> "Selection":
        if self.min_pass_rate > self.max_pass_rate:
            raise ValueError("min_pass_rate exceeds max_pass_rate: no problem can lie between them")
        caps = self.max_per_source.values() if isinstance(self.max_per_source, dict) else [self.max_per_source]
        if any(cap is not None and cap < 0 for cap in caps):
            raise ValueError("max_per_source: give counts of 0 or more")
        return self
