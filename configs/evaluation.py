"""Settings for measuring models on benchmarks."""

from pydantic import Field

from configs.evaluated_models import EvaluatedModel
from configs.sampling import Sampling
from configs.section import Section


class CrossCheck(Section):
    """A second opinion: transformers samples some of each benchmark's problems with the same weights and settings."""

    problems: int = Field(ge=1)
    """Number of problems of each benchmark, spread evenly over it."""
    batch_size: int = Field(default=16, ge=1)
    """Completions generated at a time; every batch waits for its longest."""


class Evaluation(Sampling):
    """Settings for measuring models on benchmarks. It has its own sampling settings, greedy by default."""

    models: dict[str, EvaluatedModel] = {
        "base": EvaluatedModel(),
        "student": EvaluatedModel(precisions=["full", "int8", "nf4"]),
    }
    """The models that are measured, each with its precisions: base, student, teacher (a vLLM teacher), a training
    stage by its name, or any other model by its path. All run in vLLM."""
    mix_runtimes: bool = False
    """Compare models that were sampled by different engines, kernels or dtypes all the same. Their differences are then
    labelled."""
    cross_check: CrossCheck | None = None
    """`null` is off."""
    n: int = Field(default=1, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    require_box: bool = False
    """Count a right answer outside `\\boxed{}` as wrong."""
