"""Settings for evaluating base and student."""

from typing import Literal, get_args

from pydantic import Field, model_validator

from configs.benchmarks import Benchmark
from configs.gate import Gate
from configs.sampling import Sampling
from configs.tolerance import Tolerance

Precision = Literal["full", "int8", "nf4"]


class Evaluation(Sampling):
    """Settings for evaluating base and student. It has its own sampling settings, greedy by default."""

    precisions: list[Precision] = ["full", "int8", "nf4"]
    """`full` runs in vLLM; `int8` and `nf4` run in transformers with bitsandbytes. The base is only measured in
    full."""
    n: int = Field(default=1, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    quantized_batch_size: int = Field(default=64, ge=1)
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

    @model_validator(mode="after")
    def full_is_the_yardstick(self) -> "Evaluation":
        if "full" not in self.precisions:
            raise ValueError("precisions: must contain full, which the quantized ones are compared with")
        if self.gate:
            self.gate.check(get_args(Precision), self.precisions)
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
        return merged
