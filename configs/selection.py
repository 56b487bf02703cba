"""Settings that select which of the accepted traces become dataset rows."""

from typing import Literal

from pydantic import Field, model_validator

from configs.aggregate import Aggregate
from configs.section import Section


class NearDuplicates(Section):
    """When two texts count as the same: MinHash of their word 5-grams, found by locality-sensitive hashing."""

    threshold: float = Field(default=0.9, gt=0, le=1)
    """Jaccard similarity, as estimated from the signatures."""
    permutations: int = Field(default=128, ge=16, le=256)
    """Length of a signature. The estimate errs by about 1 / sqrt(length)."""


class Selection(Section):
    """Settings that select which of the accepted traces become dataset rows."""

    max_per_problem: int = Field(default=4, ge=1)
    """Most rows of one problem."""
    order: Literal["first", "shortest", "longest", "mixed", "random", "diverse", "score"] = "first"
    """Which of a problem's accepted traces come first. `mixed` takes the shortest and the longest in turn, starting
    with one or the other by the seed: small students learn best from both (arXiv 2502.12143). `diverse` starts with the
    first one and continues with the one least like those already taken. `score` takes the highest score of `scorer`
    first, and traces without a score last."""
    scorer: str | None = None
    """The scorer, of the config's `scorers`, that `order: score` and `min_score` go by."""
    aggregate: Aggregate | None = None
    """What of its scores stands for a trace; `null`: the scorer's own `aggregate`."""
    min_score: float | None = None
    """Leave out accepted traces with a lower score, and those without one. Right traces are left out with it: a score
    is not a verdict."""
    seed: int = 0
    """Seed of the draws for `order: random` and `mixed`, and for `max_per_source`."""
    near_duplicates: NearDuplicates | None = NearDuplicates()
    """Keep only the first, in order, of a problem's nearly equal traces; `null` is off. Equal ones are always left
    out."""
    near_duplicate_prompts: NearDuplicates | None = None
    """Keep only the first of problems with nearly equal prompts; `null` is off, which generated problems need."""
    min_pass_rate: float = Field(default=0.0, ge=0, le=1)
    """Leave out problems with a lower pass rate."""
    max_pass_rate: float = Field(default=1.0, ge=0, le=1)
    """Leave out problems whose pass rate is outside this band. It is estimated from the first pass's traces, without
    the bias of stopping at acceptances (docs/sampling.md); traces judged `unknown` do not count."""
    max_per_source: int | dict[str, int] | None = None
    """At most this many rows per source, 0 or more: one number, or one by the source's name. Every problem's first
    trace goes in before any second."""
    min_majority: float | None = Field(default=None, gt=0, le=1)
    """For problems without a reference: accept traces whose answer has at least this share of the votes."""

    @model_validator(mode="after")
    def bounds_fit_together(self) -> "Selection":
        if self.min_pass_rate > self.max_pass_rate:
            raise ValueError("min_pass_rate exceeds max_pass_rate: no problem can lie between them")
        if self.scorer is None and (self.order == "score" or self.min_score is not None or self.aggregate):
            raise ValueError("order: score, min_score and aggregate need scorer, the name of one of the scorers")
        if self.scorer is not None and self.order != "score" and self.min_score is None:
            raise ValueError("scorer does nothing by itself: set order: score, min_score, or both")
        caps = self.max_per_source.values() if isinstance(self.max_per_source, dict) else [self.max_per_source]
        if any(cap is not None and cap < 0 for cap in caps):
            raise ValueError("max_per_source: give counts of 0 or more")
        return self
