"""Settings for evaluating base and student."""

from typing import Literal

from pydantic import Field, model_validator

from configs.budgets import Budgets
from configs.sampling import Sampling

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
    budgets: Budgets = Budgets()
    """Test-time compute from stored draws."""

    @model_validator(mode="after")
    def full_is_the_yardstick(self) -> "Evaluation":
        if "full" not in self.precisions:
            raise ValueError("precisions: must contain full, which the quantized ones are compared with")
        self.budgets.check_room(self.max_tokens)
        return self
