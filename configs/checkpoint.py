"""The config of `retort evaluate`: one checkpoint, measured without a run."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from configs.benchmarks import Benchmark, resolve
from configs.distribution import Distribution
from configs.evaluated_models import EvaluatedModel, Precision
from configs.evaluation import Evaluation
from configs.judging import Judging
from configs.measuring import check_measurable
from configs.models import Model, Student
from configs.section import Section

PAIRS_OWN = ("name", "path", "revision", "scratch", "reasoning", "positions", "thinks")
"""Settings of a pair's student that say nothing of how a checkpoint is sampled."""

DEFAULTS = Student.model_fields


class CheckpointEvaluation(Section):
    """A checkpoint that is measured on benchmarks."""

    run_dir: str = "runs/evaluate-{name}"
    """Directory of all artifacts; `{name}` stands for the model's name."""
    model: Model
    """The checkpoint. Its name is that of its directory; what it says of itself sets dtype, context and prompt."""
    precisions: list[Precision] = Field(default=["full"], min_length=1)
    benchmarks: Annotated[dict[str, Benchmark], BeforeValidator(resolve)] = Field(min_length=1)
    evaluation: Evaluation
    """As in a pair's config, without `models`."""
    judging: Judging = Judging()
    distribution: Distribution = Distribution()

    @field_validator("precisions")
    @classmethod
    def are_comparable(cls, precisions: list[Precision]) -> list[Precision]:
        return EvaluatedModel(precisions=precisions).precisions

    @model_validator(mode="after")
    def can_be_measured(self) -> "CheckpointEvaluation":
        if "models" in self.evaluation.model_fields_set:
            raise ValueError("evaluation.models: a checkpoint is measured alone; remove it, and give precisions")
        if self.evaluation.rerank:
            raise ValueError("evaluation.rerank: scorers belong to a run; remove it")
        if self.evaluation.search:
            raise ValueError("evaluation.search: its scorers belong to a run; remove it")
        if self.evaluation.budgets.on:
            raise ValueError("evaluation.budgets: curves belong to a run; remove it")
        if self.evaluation.gate:
            raise ValueError("evaluation.gate: compares a run's student; remove it")
        entry = EvaluatedModel(precisions=self.precisions)
        check_measurable(self.model.name, self.model, entry, self.evaluation)
        return self


def of_pair(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the tree of a checkpoint's config made from that of a pair: as the pair's student is measured."""
    student = {"prompt": {}, "dtype": DEFAULTS["dtype"].default, "max_model_len": DEFAULTS["max_model_len"].default}
    student |= {key: value for key, value in tree["student"].items() if key not in PAIRS_OWN}
    reasoning = tree["student"].get("reasoning", "visible")
    of_run = ("models", "rerank", "search", "budgets", "gate")
    evaluation = {key: value for key, value in tree.get("evaluation", {}).items() if key not in of_run}
    shared = {key: tree[key] for key in ("benchmarks", "judging", "distribution") if key in tree}
    return shared | {"model": student | {"thinks": reasoning != "hidden"}, "evaluation": evaluation}
