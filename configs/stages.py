"""The stages of the list `training`: one class for each method."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from configs.data_mix import DataSource
from configs.rounds import Rounds, may_be_a_number, rounds_of, unrolled
from configs.training import Training

NAMES_TAKEN = {"base", "previous", "traces", "student", "teacher"}
"""Words that mean something else where a stage's name can stand."""
NAME = r"^[a-z0-9][a-z0-9_-]*$"


class TrainingStage(Training):
    """What the stages of all methods have. A single mapping in place of the list is a list of one."""

    name: str = Field(default="sft", pattern=NAME)
    """Names the stage's artifact, and the stage where a later one starts from it."""
    method: str
    start: str = "previous"
    """Weights to start from: `previous` (the base, for the first stage), `base`, or the name of an earlier stage."""

    rounds: Annotated[Rounds | None, BeforeValidator(may_be_a_number)] = None
    """Repeat the stage, each time on what the round before samples: STaR (docs/training.md). `null` is off."""

    @property
    def datasets(self) -> list[DataSource]:
        """The datasets that the stage reads."""
        return []


class SftStage(TrainingStage):
    """Supervised fine-tuning on the mixed rows of datasets."""

    method: Literal["sft"] = "sft"
    data: list[DataSource] = Field(default=[DataSource.traces()], min_length=1)
    """The datasets that are mixed: the run's own traces unless others are given."""

    @property
    def datasets(self) -> list[DataSource]:
        return self.data


class GrpoStage(TrainingStage):
    """Reinforcement learning on the run's own judging, by group-relative policy optimization (arXiv 2402.03300)."""

    name: str = Field(default="grpo", pattern=NAME)
    method: Literal["grpo"]


class DistillStage(TrainingStage):
    """Distillation of the teacher's token probabilities (arXiv 2306.13649)."""

    name: str = Field(default="distill", pattern=NAME)
    method: Literal["distill"]


def method_of(given: Any) -> Any:
    """Return the method of a stage, which is supervised fine-tuning unless it says another one."""
    return given.get("method", "sft") if isinstance(given, dict) else given.method


Stage = Annotated[
    Annotated[SftStage, Tag("sft")] | Annotated[GrpoStage, Tag("grpo")] | Annotated[DistillStage, Tag("distill")],
    Discriminator(method_of),
]


def as_list(given: Any) -> Any:
    """Return a single stage as a list of one."""
    return [given] if isinstance(given, dict | Training) else given


def check_stages(stages: Sequence[TrainingStage]) -> None:
    """Check names, starts, and whose samples are learned from. Errors: ValueError."""
    seen: list[str] = []
    for at, stage in enumerate(stages):
        names = list(dict.fromkeys([stage.name, *(one.name for one in rounds_of(stage))]))
        for name in names:
            if name in seen or name in NAMES_TAKEN:
                why = "another stage has it" if name in seen else "it means something else"
                raise ValueError(f"training.{at}.name: {name!r} cannot be used, because {why}")
        check_earlier(f"training.{at}.start", stage.start, stage.name, seen)
        for number, data in enumerate(stage.datasets):
            if data.sampled:
                check_earlier(f"training.{at}.data.{number}.from.sample", data.sampled.sample, stage.name, seen)
        seen += names


def check_earlier(place: str, named: str, own: str, earlier: Sequence[str]) -> None:
    """Check that a model that is named is there before the stage `own`. Errors: ValueError."""
    if named not in ("previous", "base", *earlier):
        why = "is the stage itself" if named == own else "is no earlier stage"
        known = ", ".join(["previous", "base", *earlier])
        raise ValueError(f"{place}: {named!r} {why}; choose one of {known}")


def adapts_the_base(stages: Sequence[TrainingStage]) -> bool:
    """Return True if the student is the base with an adapter on it, rather than an earlier stage's weights with one."""
    last = stages[-1]
    return last.lora is not None and (last.start == "base" or (last.start == "previous" and len(unrolled(stages)) == 1))
