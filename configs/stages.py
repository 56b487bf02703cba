"""The stages of the list `training`: one class for each method."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from configs.data_mix import DataSource
from configs.distillation import OWN, DistilledModel, Prompts
from configs.reinforcement import MAX_COMPLETION_LENGTH, PromptChoice, Rewards
from configs.reward_data import PairSource, RolloutSource, StepData, StepSource
from configs.rounds import Rounds, may_be_a_number
from configs.sample_of import SampleOf
from configs.sources import RowFile
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

    rounds: Annotated[Rounds | None, BeforeValidator(may_be_a_number)] = None
    """Repeat the stage, each time on what the round before samples, `{from: {sample: previous}}` in its data: STaR
    (docs/training.md). `null` is off. For `sft` alone."""

    @property
    def datasets(self) -> list[DataSource]:
        """The datasets that the stage reads."""
        return []

    @property
    def samplings(self) -> dict[str, SampleOf]:
        """The samplings of earlier stages' models that the stage learns from, by their places in it."""
        return {f"data.{at}.from": data.sampled for at, data in enumerate(self.datasets) if data.sampled}

    @property
    def tables(self) -> list[RowFile]:
        """What the stage reads that somebody else made."""
        return [data.table() for data in self.datasets if data.path]

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
    """Names the stage's artifact, and the stage where a later one refers to it."""
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
    """Names the stage's artifact, and the stage where a later one refers to it."""
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
    def head_is_trained_whole_and_once(self) -> "RewardModelStage":
        if self.quantize:
            raise ValueError("quantize: would quantize the new head, too; remove it, and keep lora to save memory")
        if self.rounds:
            raise ValueError("rounds: a reward model writes nothing that a further round could learn from; remove it")
        return self

    @property
    def makes_student(self) -> bool:
        return False


class RewardStage(RewardModelStage):
    """Training of an outcome reward model: one number for a whole reply."""

    name: str = Field(default="reward", pattern=NAME)
    """Names the stage's artifact, and the stage where a later one refers to it."""
    method: Literal["reward"]
    data: list[PairSource] = Field(default=[PairSource.traces()], min_length=1)
    labels: Literal["pairs", "single"] = "pairs"
    """`pairs`: the accepted reply of a problem shall score higher than the rejected one (Bradley-Terry). `single`: each
    reply is right or wrong by itself, so that the score's sigmoid is the chance to be accepted."""

    @property
    def samplings(self) -> dict[str, SampleOf]:
        return {f"data.{at}.from": source.sampled for at, source in enumerate(self.data) if source.sampled}

    @property
    def tables(self) -> list[RowFile]:
        return [source.table() for source in self.data if source.path]


class ProcessRewardStage(RewardModelStage):
    """Training of a process reward model: one number for each step of a solution."""

    name: str = Field(default="process_reward", pattern=NAME)
    """Names the stage's artifact, and the stage where a later one refers to it."""
    method: Literal["process_reward"]
    data: list[StepData] = Field(min_length=1)
    """Tables of labelled solutions, and `from: rollouts`: labels that the run makes itself."""
    labels: Literal["soft", "hard"] = "soft"
    """`soft`: a step's target is its label, such as the share of rollouts that reached the reference. `hard`: it is 1
    if the label is above 0, as in Math-Shepherd (arXiv 2312.08935), else 0."""

    @property
    def samplings(self) -> dict[str, SampleOf]:
        made_here = {at: source for at, source in enumerate(self.data) if isinstance(source, RolloutSource)}
        return {f"data.{at}.traces": source.sampled for at, source in made_here.items() if source.sampled}

    @property
    def tables(self) -> list[RowFile]:
        return [source.table() for source in self.data if isinstance(source, StepSource)]


def method_of(given: Any) -> Any:
    """Return the method of a stage, which is supervised fine-tuning unless it says another one. What is no stage, such
    as a text, is refused as one of these."""
    if isinstance(given, TrainingStage):
        return given.method
    return given.get("method", "sft") if isinstance(given, dict) else "sft"


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
