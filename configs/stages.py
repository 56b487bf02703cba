"""The stages of the list `training`: one class for each method."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from configs.data_mix import DataSource
from configs.reinforcement import MAX_COMPLETION_LENGTH, PromptChoice, Rewards
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
    prompts: PromptChoice = PromptChoice()
    rewards: Rewards = Rewards()

    @model_validator(mode="after")
    def can_be_rewarded(self) -> "GrpoStage":
        if self.patience:
            raise ValueError("patience: there is no held-out loss to wait for; remove it and bound max_steps")
        if self.longest_prompt < 1:
            raise ValueError(
                "max_length: bounds prompt + completion, and settings.max_completion_length "
                f"({self.longest_completion}) leaves no room for a prompt; raise the one, or lower the other"
            )
        return self

    @property
    def longest_completion(self) -> int:
        """Most tokens that are drawn for a completion."""
        given = self.settings.get("max_completion_length", MAX_COMPLETION_LENGTH)
        return given if isinstance(given, int) else MAX_COMPLETION_LENGTH

    @property
    def longest_prompt(self) -> int:
        """Most tokens of a prompt; longer ones are left out and counted."""
        return self.max_length - self.longest_completion


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


def check_rewards(stages: Sequence[TrainingStage], has_problems: bool, judges_language: bool) -> None:
    """Check what stages of reinforcement learning need of the rest of a config. Errors: ValueError."""
    for at, stage in enumerate(stages):
        if not isinstance(stage, GrpoStage):
            continue
        if not has_problems:
            raise ValueError(
                f"training.{at}.prompts: recorded traces bring no problems to ask; use a teacher that is sampled"
            )
        if "language" in stage.rewards.weights and not judges_language:
            raise ValueError(f"training.{at}.rewards.language: judging.language is off; set the weight to 0")


def check_stages(stages: Sequence[TrainingStage]) -> None:
    """Check names and starts. Errors: ValueError."""
    seen: list[str] = []
    for at, stage in enumerate(stages):
        if stage.name in seen or stage.name in NAMES_TAKEN:
            why = "another stage has it" if stage.name in seen else "it means something else"
            raise ValueError(f"training.{at}.name: {stage.name!r} cannot be used, because {why}")
        if stage.start not in ("previous", "base", *seen):
            known = ", ".join(["previous", "base", *seen])
            raise ValueError(f"training.{at}.start: {stage.start!r} is no earlier stage; choose one of {known}")
        seen.append(stage.name)


def adapts_the_base(stages: Sequence[TrainingStage]) -> bool:
    """Return True if the student is the base with an adapter on it, rather than an earlier stage's weights with one."""
    last = stages[-1]
    return last.lora is not None and (last.start == "base" or (last.start == "previous" and len(stages) == 1))
