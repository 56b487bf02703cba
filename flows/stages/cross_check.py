"""The stage that samples some of a benchmark's problems with transformers, to check what vLLM draws."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from flows.stages.evaluate import SampleModel
from records.requests import Sampler
from records.runtime import keep_runtime
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class CrossCheckModel(SampleModel):
    """Samples one model on some problems with transformers: the same weights, prompts, stop tokens and settings."""

    batch_size: int

    def shaping(self) -> dict[str, Any]:
        return super().shaping() | {"engine": "transformers", "batch_size": self.batch_size}

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("torch", "transformers", "bitsandbytes", "eval.transformers_sampler")

    @property
    def gpus(self) -> int:
        return 0

    @property
    def engine(self) -> str:
        return f"transformers-{super().engine}"

    @property
    def shard_size(self) -> int:
        return self.batch_size

    @property
    def batch_invariant(self) -> bool:
        return False

    def start(self, folder: Path, engine: SharedEngine) -> Sampler:
        from eval.transformers_sampler import TransformersSampler

        sampler = engine.borrow(partial(TransformersSampler, self.model, self.weights.location, self.batch_size))
        keep_runtime(folder, sampler.runtime())
        return sampler
