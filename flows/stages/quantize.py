"""The stage that quantizes weights to be measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.evaluated_models import Precision
from flows.plan import Stage
from flows.run.progress import Report
from flows.weights import Weights
from records.export_counts import QuantizedCounts


@dataclass(frozen=True, kw_only=True)
class QuantizeWeights(Stage):
    """Makes a model directory of any weights, quantized as `publishing.formats` are, for vLLM and transformers."""

    version = "1"
    weights: Weights
    precision: Precision
    dtype: str
    """Type of what is not quantized, and of the 4-bit layers' computations; 16 bits."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.weights.needs

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("torch", "transformers", "bitsandbytes", "student.export.quantized")

    def settings(self) -> dict[str, Any]:
        return {"weights": self.weights.identity(), "precision": self.precision, "dtype": self.dtype}

    def build(self, folder: Path, *, progress: Report) -> QuantizedCounts:
        from student.export.files import DTYPES
        from student.export.quantized import quantize

        weights = self.weights
        settings = quantize(weights.location, folder, self.precision, DTYPES[self.dtype], weights.revision)
        size = sum(file.stat().st_size for file in folder.iterdir() if not file.name.startswith("."))
        return QuantizedCounts(bytes=size, settings=settings)
