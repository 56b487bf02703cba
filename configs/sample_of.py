"""Training data that the model of an earlier stage makes."""

from typing import Any

from pydantic import Field, ValidationError, model_validator

from configs.sampling import MOST, SecondChance, TeacherSampling
from configs.section import Section
from configs.selection import Selection
from configs.sources import ProblemSource

AS_THE_TEACHER = {"temperature", "top_p", "top_k", "max_tokens", "seed", "shard_size", "stop_loops", "reuse"}
"""Fields of `sampling` that hold for a stage's model unless it has its own."""
DRAWN = {"n", "accept", "max_n", "temperature", "top_p", "top_k", "max_tokens", "thinking_tokens", "second_chances"}
"""Fields of `SampleOf` that are fields of `sampling`."""


class SampleOf(Section):
    """Traces that an earlier stage's model draws; they are judged and selected as the teacher's are.

    What is not given is as in the run's `sampling` and `selection`. How many traces are drawn, their thinking budget
    and second chances are not: those are the teacher's.
    """

    sample: str
    """Whose model draws: the name of an earlier stage, `previous` for the one before, or `base`. Of `rounds`, the name
    means the round that was kept, and `previous` in a round the round before."""
    n: int | None = Field(default=None, ge=1, le=MOST)
    """Traces per problem. Give it, or `accept`."""
    accept: int | None = Field(default=None, ge=1)
    """Draw until a problem has this many accepted traces."""
    max_n: int | None = Field(default=None, ge=1, le=MOST)
    """With `accept`: at most this many traces per problem."""
    temperature: float | None = Field(default=None, ge=0)
    """`null`: as in the run's `sampling`."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """`null`: as in the run's `sampling`."""
    top_k: int | None = Field(default=None, ge=-1)
    """`null`: as in the run's `sampling`."""
    max_tokens: int | None = Field(default=None, ge=1)
    """`null`: as in the run's `sampling`."""
    thinking_tokens: int | None = Field(default=None, ge=1)
    """`null` is off."""
    second_chances: list[SecondChance] = []
    """Further passes over problems without an accepted trace. One with a `hint` shows the reference: STaR's
    rationalization (arXiv 2203.14465, section 3.2)."""
    problems: list[ProblemSource] = []
    """Problems to ask. Empty: those of the run."""
    selection: Selection | None = None
    """Settings that differ from the run's `selection`."""

    @model_validator(mode="after")
    def says_how_many(self) -> "SampleOf":
        if (self.n is None) == (self.accept is None):
            raise ValueError("give either n (traces per problem) or accept (draw until so many are accepted)")
        if self.max_n is not None and self.accept is None:
            raise ValueError("max_n goes with accept: give accept instead of n, or remove max_n")
        return self

    def sampling_by(self, run: TeacherSampling | None) -> TeacherSampling:
        """Return the whole settings of sampling; `run` are the teacher's, None for a recorded one.

        Errors: ValueError if they do not fit together."""
        shared: dict[str, Any] = run.model_dump(include=AS_THE_TEACHER) if run else {}
        own = {name: getattr(self, name) for name in sorted(DRAWN) if getattr(self, name) is not None}
        if "max_tokens" not in shared | own:
            raise ValueError("max_tokens: required, because the run has no sampling to take it from")
        try:
            return TeacherSampling.model_validate(shared | own)
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None

    def selection_by(self, run: Selection) -> Selection:
        """Return the whole settings of selection. Errors: ValueError if they do not fit together."""
        if self.selection is None:
            return run
        own = {name: getattr(self.selection, name) for name in self.selection.model_fields_set}
        try:
            return Selection.model_validate(run.model_dump() | own)
        except ValidationError as error:
            raise ValueError(f"selection: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
