"""Where a model's weights come from, and what identifies them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.models import Model
from flows.plan import Stage
from records.hashing import fingerprint, hash_path


@dataclass(frozen=True)
class Weights:
    """Weights that exist, as a directory or on the Hugging Face hub, or that a stage of the run makes."""

    location: str
    revision: str | None = None
    made_by: Stage | None = None

    @classmethod
    def of(cls, stage: Stage) -> "Weights":
        return cls(str(stage.path), None, stage)

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.made_by,) if self.made_by else ()

    def identity(self) -> Any:
        """The content of a directory, or a hub name with its revision; None where `needs` identify them."""
        return None if self.made_by else hub_or_content(self.location, self.revision)

    def fingerprint(self) -> str:
        """Identifies them by itself."""
        return self.made_by.artifact.fingerprint if self.made_by else fingerprint(self.identity())


def hub_or_content(location: str, revision: str | None) -> Any:
    path = Path(location)
    return hash_path(path) if path.exists() else [location, revision]


VLLM = ("torch", "transformers", "vllm", "vllm.v1.engine.llm_engine", "teacher.engines.vllm_sampler")
"""What a stage that samples with vLLM imports."""
SHAPES_NO_COMPLETION = {"engine", "path", "revision", "scratch"}
"""Fields of a model: where it lies, which `Weights` identify, and how vLLM runs."""


def model_identity(model: Model) -> dict[str, Any]:
    """What of a model, besides its weights, shapes the rows of its completions."""
    return model.model_dump(mode="json", exclude=SHAPES_NO_COMPLETION)


def engine_name(model: Model, weights: Weights, precision: str = "full") -> str:
    """The same for stages that one running engine can serve."""
    machine = model.engine.model_dump(mode="json")
    return fingerprint([weights.location, weights.revision, precision, model.dtype, model.max_model_len, machine])
