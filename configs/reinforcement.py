"""What a stage of reinforcement learning asks and rewards."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from configs.section import Section

MAX_COMPLETION_LENGTH = 512
"""`settings.max_completion_length` unless a config sets it, as in TRL."""


class PromptChoice(Section):
    """Which of the run's problems the student is asked, and in which order."""

    model_config = ConfigDict(serialize_by_alias=True)

    origin: Literal["problems"] = Field(default="problems", alias="from")
    """`problems` are those that the run's teacher is asked."""
    pass_rate: tuple[float, float] | None = None
    """Bounds on the share of accepted traces among the teacher's first ones, from 0 to 1, `[0.1, 0.9]` for instance;
    problems outside, and those without a judged trace, are left out and counted. `null` takes all."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many problems, the first of the run's own order."""
    order: Literal["shuffled", "easy_first"] = "shuffled"
    """`easy_first` begins each epoch with the problems that the teacher solves most often."""

    @model_validator(mode="after")
    def is_a_band(self) -> "PromptChoice":
        if self.pass_rate and not 0 <= self.pass_rate[0] <= self.pass_rate[1] <= 1:
            raise ValueError(f"pass_rate: give [low, high] with 0 <= low <= high <= 1, got {list(self.pass_rate)}")
        return self

    @property
    def needs_rates(self) -> bool:
        """True if the teacher's judged traces are read."""
        return self.pass_rate is not None or self.order == "easy_first"


Weight = Annotated[float, Field(ge=-1e6, le=1e6)]
"""Larger ones are infinite in the single precision in which rewards are added up."""


class Rewards(Section):
    """Weights of what is rewarded. 0 leaves a part out."""

    answer: Weight = 1.0
    """1 for an accepted completion: its answer is right, and no rule but the language's rejects it."""
    format: Weight = 0.1
    """1 for a closed reasoning and one formatted answer after it."""
    language: Weight = 0.1
    """1 for a complete answer that is written in one language, as `judging.language` says (DeepSeek-R1, arXiv
    2501.12948, section 2.3.2)."""
    length: Weight = 0.0
    """0 down to -1 over the last fifth of `max_completion_length`: DAPO's soft overlong punishment (arXiv 2503.14476,
    equation 13)."""

    @model_validator(mode="after")
    def reward_something(self) -> "Rewards":
        if not self.weights:
            raise ValueError("at least one weight must not be 0, or nothing is learnt")
        return self

    @property
    def weights(self) -> dict[str, float]:
        """The weights that are not 0, by the name of their part."""
        return {name: weight for name, weight in self.model_dump().items() if weight}
