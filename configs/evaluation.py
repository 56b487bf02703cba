"""Settings for measuring models on benchmarks."""

from typing import Literal, get_args

from pydantic import Field, model_validator

from configs.benchmarks import Benchmark
from configs.budgets import Budgets
from configs.evaluated_models import EvaluatedModel, Precision
from configs.gate import Gate
from configs.sampling import MOST, Sampling
from configs.search import Search
from configs.section import Section
from configs.tolerance import Tolerance


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
    stage by its name, or any other model by its path. All run in vLLM. Unless they are given, base in full, and student
    in full, int8 and nf4."""
    stages: bool = False
    """Measure the model of every training stage as well, to tell what each of them brought."""
    mix_runtimes: bool = False
    """Compare models that were sampled by different engines, kernels or dtypes all the same. Their differences are then
    labelled."""
    cross_check: CrossCheck | None = None
    """`null` is off."""
    n: int = Field(default=1, ge=1, le=MOST)
    """Samples per problem."""
    temperature: float = Field(default=0.0, ge=0)
    """0 is greedy decoding."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Share of the probability that tokens are drawn from; 1 turns it off."""
    require_box: bool = False
    """Count a right answer outside `\\boxed{}` as wrong."""
    extraction: Literal["auto", "strict", "lenient"] = "auto"
    """How answers are read. `strict` reads what is announced or boxed; `lenient` also the end of a text that announces
    nothing, as base models do. `auto` is lenient for models that were not trained here, and strict with `require_box`.
    What is read leniently is stored and shown by both rules."""
    tolerance: Tolerance = Tolerance()
    """When a quantized model counts as good as the unquantized one."""
    gate: Gate | None = None
    """Conditions without which the run fails in the end; `null` is off."""
    budgets: Budgets = Budgets()
    """Test-time compute from stored draws."""
    rerank: list[str] = []
    """Scorers, of the config's `scorers`, that choose among the samples of each problem: best-of-k and weighted
    majority beside the plain majority."""
    search: list[Search] = []
    """Searches over steps, each by one of the config's `scorers`, by which every model finds one more trace of each
    problem, in full precision and on benchmarks with several samples: accuracy against tokens beside best-of-n and
    majority (docs/search.md)."""

    @model_validator(mode="after")
    def budgets_leave_room(self) -> "Evaluation":
        self.budgets.check_room(self.max_tokens)
        return self

    @model_validator(mode="after")
    def rerankers_have_a_choice(self) -> "Evaluation":
        if len(set(self.rerank)) < len(self.rerank):
            raise ValueError("rerank: a scorer is listed twice; remove one")
        return self

    @model_validator(mode="after")
    def the_gate_can_be_checked(self) -> "Evaluation":
        if self.gate:
            precisions = {name: model.precisions for name, model in self.models.items()}
            self.gate.check(get_args(Precision), precisions.get("student", []), base="base" in precisions)
        return self

    @model_validator(mode="after")
    def a_box_is_announced(self) -> "Evaluation":
        if self.require_box and self.extraction == "lenient":
            raise ValueError(
                "extraction: lenient reads answers outside a box, which require_box counts as wrong; remove one of them"
            )
        return self

    @property
    def reads_leniently(self) -> bool:
        """True if answers are judged by both rules."""
        return self.extraction != "strict" and not self.require_box

    def extraction_of(self, *, trained_here: bool) -> Literal["strict", "lenient"]:
        """Return the rule by which a model is measured; `trained_here` says that a stage of the run trained it."""
        if not self.reads_leniently or (self.extraction == "auto" and trained_here):
            return "strict"
        return "lenient"

    def for_benchmark(self, benchmark: Benchmark) -> "Evaluation":
        """Return the settings for one benchmark, whose own take precedence. Errors: ValueError if they do not fit
        together."""
        merged = self.model_copy(update=benchmark.overrides)
        merged.check_temperature()
        merged.budgets.check_room(merged.max_tokens)
        return merged
