"""The stages of the list `training`: one class for each method."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from configs.data_mix import DataSource
from configs.distillation import OWN, DistilledModel, Prompts
from configs.reinforcement import MAX_COMPLETION_LENGTH, PromptChoice, Rewards
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
    """Distillation of a teacher's token probabilities: over completions that the student samples (arXiv 2306.13649), or
    over the teacher's own, whose log-probabilities are stored."""

    name: str = Field(default="distill", pattern=NAME)
    method: Literal["distill"]
    source: Literal["on_policy", "stored"] = "on_policy"
    """`on_policy`: the student samples, and the teacher's logits teach. `stored`: the run's dataset rows, with the
    log-probabilities that `sampling.logprobs` has kept."""
    prompts: Prompts = Prompts()
    """What the student answers, with `on_policy`."""
    teacher: str | DistilledModel = OWN
    """Whose logits teach, with `on_policy`: `teacher` is the run's own in vLLM; an earlier stage's name; or a model."""
    align: Literal["same", "gold"] = "same"
    """`same`: both models have one vocabulary. `gold` aligns the texts of two tokenizers (arXiv 2402.12030, and TRL's
    GOLD); it takes a multiple of the time and teaches less exactly."""
    nll_weight: float = Field(default=0, ge=0, lt=1)
    """Share of the plain negative log-likelihood of the rows' tokens in the loss, with `stored`."""

    @property
    def datasets(self) -> list[DataSource]:
        return [DataSource.traces()] if self.source == "stored" else []

    @property
    def served(self) -> str | None:
        """Address of the server that the teacher is behind; None if its weights are loaded."""
        return self.teacher.server if isinstance(self.teacher, DistilledModel) else None

    @model_validator(mode="after")
    def source_has_its_fields(self) -> "DistillStage":
        given = self.model_fields_set
        if self.source == "stored" and (extra := sorted(given & {"prompts", "teacher", "align"})):
            raise ValueError(f"{extra[0]}: goes with source: on_policy; stored log-probabilities are the run's own")
        if self.source == "on_policy" and self.nll_weight:
            raise ValueError("nll_weight: goes with source: stored; a completion of the student's own is no target")
        if self.source == "on_policy" and self.patience:
            raise ValueError(
                "patience: goes with source: stored; a loss over new samples each time would stop by chance"
            )
        if self.served and self.align == "gold":
            raise ValueError(
                "align: gold needs the teacher's whole logits; a server gives the most probable: remove server"
            )
        return self


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
        if isinstance(stage, DistillStage) and isinstance(stage.teacher, str) and stage.teacher not in (OWN, *seen):
            known = ", ".join([OWN, *seen])
            own = "a stage cannot be its own teacher" if stage.teacher == stage.name else "it is no earlier stage"
            raise ValueError(f"training.{at}.teacher: {stage.teacher!r}: {own}; choose one of {known}, or give a path")
        seen += names


def check_earlier(place: str, named: str, own: str, earlier: Sequence[str]) -> None:
    """Check that a model that is named is there before the stage `own`. Errors: ValueError."""
    if named not in ("previous", "base", *earlier):
        why = "is the stage itself" if named == own else "is no earlier stage"
        known = ", ".join(["previous", "base", *earlier])
        raise ValueError(f"{place}: {named!r} {why}; choose one of {known}")


def check_distilled(stages: Sequence[TrainingStage], weights: bool, problems: bool, logprobs: bool) -> None:
    """Check that the run has what its stages distil: a teacher's `weights`, `problems`, stored `logprobs`. Errors:
    ValueError."""
    for at, stage in enumerate(stages):
        if not isinstance(stage, DistillStage):
            continue
        if stage.source == "stored" and not logprobs:
            raise ValueError(
                f"training.{at}.source: stored needs the teacher's log-probabilities; set sampling.logprobs (20 is the "
                "most), or take source: on_policy"
            )
        if stage.source == "stored":
            continue
        if not problems:
            raise ValueError(
                f"training.{at}.prompts: a recorded teacher brings no problems to ask; take source: stored"
            )
        if stage.teacher == OWN and not weights:
            raise ValueError(
                f"training.{at}.teacher: the run's teacher has no weights here, whose logits would teach; give "
                "teacher: {path: …}, or take source: stored"
            )


def adapts_the_base(stages: Sequence[TrainingStage]) -> bool:
    """Return True if the student is the base with an adapter on it, rather than an earlier stage's weights with one."""
    last = stages[-1]
    return last.lora is not None and (last.start == "base" or (last.start == "previous" and len(unrolled(stages)) == 1))
