"""The stages of the list `training`: one class for each method."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from configs.data_mix import DataSource
from configs.distillation import OWN, DistilledModel, Prompts
from configs.reward_data import PairSource, RewardTable, RolloutSource, StepData, StepSource
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
    """Weights to start from: `previous` (the stage before that makes no reward model, or the base), `base`, or the name
    of an earlier stage."""

    @property
    def datasets(self) -> Sequence[DataSource | RewardTable]:
        """The datasets that the stage reads."""
        return []

    @property
    def makes_student(self) -> bool:
        """True if the stage makes a language model, which can be sampled: a reward model only scores."""
        return True


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


class RewardModelStage(TrainingStage):
    """A stage that makes a reward model. It starts from a language model, on which a new head is put."""

    @model_validator(mode="after")
    def head_is_trained_whole(self) -> "RewardModelStage":
        if self.quantize:
            raise ValueError("quantize: would quantize the new head, too; remove it, and keep lora to save memory")
        return self

    @property
    def makes_student(self) -> bool:
        return False


class RewardStage(RewardModelStage):
    """Training of an outcome reward model: one number for a whole reply."""

    name: str = Field(default="reward", pattern=NAME)
    method: Literal["reward"]
    data: list[PairSource] = Field(default=[PairSource.traces()], min_length=1)
    labels: Literal["pairs", "single"] = "pairs"
    """`pairs`: the accepted reply of a problem shall score higher than the rejected one (Bradley-Terry). `single`: each
    reply is right or wrong by itself, so that the score's sigmoid is the chance to be accepted."""

    @property
    def datasets(self) -> Sequence[PairSource]:
        return self.data


class ProcessRewardStage(RewardModelStage):
    """Training of a process reward model: one number for each step of a solution."""

    name: str = Field(default="process_reward", pattern=NAME)
    method: Literal["process_reward"]
    data: list[StepData] = Field(min_length=1)
    """Tables of labelled solutions, and `from: rollouts`: labels that the run makes itself."""
    labels: Literal["soft", "hard"] = "soft"
    """`soft`: a step's target is its label, such as the share of rollouts that reached the reference. `hard`: it is 1
    if the label is above 0, as in Math-Shepherd (arXiv 2312.08935), else 0."""

    @property
    def datasets(self) -> Sequence[StepSource]:
        return [source for source in self.data if isinstance(source, StepSource)]

    @property
    def rollouts(self) -> list[RolloutSource]:
        """The labels that the run makes itself."""
        return [source for source in self.data if isinstance(source, RolloutSource)]


def method_of(given: Any) -> Any:
    """Return the method of a stage, which is supervised fine-tuning unless it says another one."""
    return given.get("method", "sft") if isinstance(given, dict) else given.method


Stage = Annotated[
    Annotated[SftStage, Tag("sft")]
    | Annotated[GrpoStage, Tag("grpo")]
    | Annotated[DistillStage, Tag("distill")]
    | Annotated[RewardStage, Tag("reward")]
    | Annotated[ProcessRewardStage, Tag("process_reward")],
    Discriminator(method_of),
]


def as_list(given: Any) -> Any:
    """Return a single stage as a list of one."""
    return [given] if isinstance(given, dict | Training) else given


def check_stages(stages: Sequence[TrainingStage]) -> None:
    """Check names and starts. Errors: ValueError."""
    seen: list[str] = []
    scoring = {stage.name for stage in stages if not stage.makes_student}
    for at, stage in enumerate(stages):
        if stage.name in seen or stage.name in NAMES_TAKEN:
            why = "another stage has it" if stage.name in seen else "it means something else"
            raise ValueError(f"training.{at}.name: {stage.name!r} cannot be used, because {why}")
        writing = [name for name in seen if name not in scoring]
        if stage.start not in ("previous", "base", *writing):
            known = ", ".join(["previous", "base", *writing])
            what = "makes a reward model, which writes nothing" if stage.start in seen else "is no earlier stage"
            raise ValueError(f"training.{at}.start: {stage.start!r} {what}; choose one of {known}")
        if isinstance(stage, DistillStage) and isinstance(stage.teacher, str) and stage.teacher not in (OWN, *writing):
            known = ", ".join([OWN, *writing])
            own = "a stage cannot be its own teacher" if stage.teacher == stage.name else "it is no earlier stage"
            raise ValueError(f"training.{at}.teacher: {stage.teacher!r}: {own}; choose one of {known}, or give a path")
        seen.append(stage.name)
    if len(scoring) == len(stages):
        raise ValueError(
            "training: all stages make reward models, and none a student; add a stage of another method, such as sft"
        )


def student_stages(stages: Sequence[TrainingStage]) -> list[TrainingStage]:
    """Return the stages that make language models, in order. The last one makes the student."""
    return [stage for stage in stages if stage.makes_student]


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
    writing = student_stages(stages)
    last = writing[-1]
    return last.lora is not None and (last.start == "base" or (last.start == "previous" and len(writing) == 1))
