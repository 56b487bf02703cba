"""Scorers: models and checks that give traces a number. They rank traces and reject none by themselves."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from configs.aggregate import OverSteps
from configs.llm_judge import Judge, JudgeSampling, check_judge
from configs.models import Dtype, Engine
from configs.rubric import Rubric
from configs.section import Section
from configs.selection import Selection

if TYPE_CHECKING:
    from configs.stages import TrainingStage

Form = Literal["trl", "qwen_math_prm", "skywork", "rlhflow", "math_shepherd"]


class EquationsScorer(Section):
    """The exact check of every equation of a step. It needs no model."""

    kind: Literal["equations"]
    aggregate: OverSteps = "mean"
    """What stands for the whole trace where a single number is needed."""


class ModelScorer(Section):
    """A reward model."""

    model_config = ConfigDict(serialize_by_alias=True)
    method: ClassVar[str]
    """The method of the training stages that make such a model."""

    path: str | None = None
    """A local model directory or a Hugging Face name (`owner/name`)."""
    revision: str | None = None
    """Commit or tag of a Hugging Face name; pin it for runs that must be repeatable."""
    origin: str | None = Field(default=None, alias="from")
    """A training stage of this run that makes the model, in place of `path`."""
    dtype: Dtype = "bfloat16"
    """Type of the weights; `auto` is the checkpoint's own."""
    max_length: int | None = Field(default=None, ge=16)
    """Longest prompt + trace in tokens; longer ones are left out and counted, never cut. `null`: the model's context.
    """
    batch_tokens: int = Field(default=16384, ge=1)
    """Tokens of a batch in transformers, padding included. It changes no score beyond rounding."""
    engine: Literal["auto", "vllm", "transformers"] = "auto"
    """What it runs in. `auto` is vLLM if there is a GPU and vLLM serves the model, and transformers otherwise; by name
    it is that one, or the run is refused. The two differ by rounding (docs/scorers.md)."""
    vllm: Engine = Engine()
    """How vLLM runs on this machine."""

    @model_validator(mode="after")
    def has_one_origin(self) -> "ModelScorer":
        if (self.path is None) == (self.origin is None):
            raise ValueError("give either path (a model that exists) or from (a training stage of this run)")
        if self.origin is not None and self.revision is not None:
            raise ValueError("revision belongs to a Hugging Face name; remove it beside from")
        if self.path is not None and self.path.startswith("hf://"):
            raise ValueError(f"path: write the Hugging Face name alone, {self.path.removeprefix('hf://')}")
        return self


class OutcomeScorer(ModelScorer):
    """An outcome reward model: a sequence classification checkpoint with one label, whose sigmoid is the score."""

    method: ClassVar[str] = "reward"
    kind: Literal["outcome"]
    aggregate: Literal["outcome"] = "outcome"


class ProcessScorer(ModelScorer):
    """A process reward model, which scores every step."""

    method: ClassVar[str] = "process_reward"
    kind: Literal["process"]
    form: Form = "trl"
    """The convention by which it reads steps (docs/scorers.md); `trl` is that of models trained here."""
    aggregate: OverSteps = "min"
    """What stands for the whole trace where a single number is needed."""

    @model_validator(mode="after")
    def reads_what_it_was_trained_on(self) -> "ProcessScorer":
        if self.origin is not None and self.form != "trl":
            raise ValueError("form: a training stage makes models of the form trl; remove form beside from")
        return self


class StepJudge(Section):
    """An LLM judge that names the first wrong step (docs/llm_judge.md). Steps before it score 1, it and those after it
    0; without a majority they have no score."""

    kind: Literal["step_judge"]
    judge: Judge
    """A model as teachers are given: weights in vLLM, servers, or the fake."""
    rubric: Rubric = Field(default_factory=lambda: Rubric.model_validate("first_wrong_step"))
    """What it is asked: a shipped rubric of kind `steps`, a file, or the fields themselves. `first_wrong_step` unless
    another is given."""
    sampling: JudgeSampling
    aggregate: OverSteps = "min"
    """What stands for the whole trace where a single number is needed."""

    @model_validator(mode="after")
    def can_be_asked(self) -> "StepJudge":
        if self.rubric.kind != "steps":
            raise ValueError("rubric: this one judges answers; a judge of steps needs one of kind steps")
        check_judge(self.judge, self.sampling)
        return self


Scorer = Annotated[EquationsScorer | OutcomeScorer | ProcessScorer | StepJudge, Field(discriminator="kind")]


def check_scorers(scorers: Mapping[str, Any], training: "Sequence[TrainingStage]") -> None:
    """Check that every scorer that a training stage makes has a stage of the right method. Errors: ValueError."""
    methods = {stage.name: str(stage.method) for stage in training}
    for name, scorer in scorers.items():
        if not isinstance(scorer, ModelScorer) or scorer.origin is None:
            continue
        fitting = [stage for stage, method in methods.items() if method == scorer.method]
        if scorer.origin not in fitting:
            is_what = (
                f"is of method {methods[scorer.origin]}" if scorer.origin in methods else "is no stage of training"
            )
            remedy = f"choose one of {', '.join(fitting)}" if fitting else f"add a stage of method {scorer.method}"
            raise ValueError(f"scorers.{name}.from: {scorer.origin} {is_what}; {remedy}, or give a path")


def scorer_named(scorers: Mapping[str, Any], name: str, place: str) -> Any:
    """Return a scorer. Errors: ValueError if there is none of that name."""
    if name not in scorers:
        known = f"known: {', '.join(scorers)}" if scorers else "the config has no section scorers"
        raise ValueError(f"{place}: no scorer is named {name}; {known}")
    return scorers[name]


def check_aggregate(scorer: Any, aggregate: str, place: str) -> None:
    """Check that a scorer gives what is asked of it. Errors: ValueError."""
    if (aggregate == "outcome") != (scorer.kind == "outcome"):
        fitting = "outcome" if scorer.kind == "outcome" else "mean, min, product or last"
        raise ValueError(f"{place}: a scorer of kind {scorer.kind} gives {fitting}, not {aggregate}")


def selecting_scorer(scorers: Mapping[str, Any], selection: Selection) -> Any:
    """Return the scorer that a selection goes by; None if it goes by none. Errors: ValueError if there is none of that
    name, or if it does not give what is asked of it."""
    if selection.scorer is None:
        return None
    scorer = scorer_named(scorers, selection.scorer, "selection.scorer")
    if selection.aggregate:
        check_aggregate(scorer, selection.aggregate, "selection.aggregate")
    return scorer
