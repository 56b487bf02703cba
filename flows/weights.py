"""The origin and the identity of a model's weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.models import Model
from configs.scorers import ModelScorer
from flows.plan import Stage
from records.hashing import fingerprint, hash_path
from records.rendering import VERSION as RENDERING_VERSION
from records.run_folders import check_finished


@dataclass(frozen=True)
class Weights:
    """Weights in a directory, on the Hugging Face hub, or made by a stage of the run."""

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
        """Return a hash of a directory's content, or a hub name with its revision; None if `needs` identify them."""
        return None if self.made_by else hub_or_content(self.location, self.revision)

    def fingerprint(self) -> str:
        """Return a hash that identifies the weights without their needs."""
        return self.made_by.artifact.fingerprint if self.made_by else fingerprint(self.identity())


def hub_or_content(location: str, revision: str | None) -> Any:
    """Errors: InputError for a stage's folder that is not finished."""
    path = Path(location)
    if not path.exists():
        return [location, revision]
    check_finished(path)
    return hash_path(path)


def weights_of_scorer(scorer: ModelScorer, trained: Mapping[str, Weights]) -> Weights:
    """Return the weights of a scorer with a model; `trained` holds those of the run's stages."""
    if scorer.origin is not None:
        return trained[scorer.origin]
    return Weights(str(scorer.path), scorer.revision)


VLLM = ("torch", "transformers", "vllm", "vllm.v1.engine.llm_engine", "teacher.engines.vllm_sampler")
"""What a stage that samples with vLLM imports."""
SHAPES_NO_COMPLETION: dict[str, Any] = {
    **dict.fromkeys(("engine", "path", "revision", "scratch", "reasoning"), True),
    "positions": {"rope_theta"},
}
"""Fields of a model that say where its weights come from or how they are trained, which `Weights` identify, and how
vLLM runs."""


def model_identity(model: Model) -> dict[str, Any]:
    """Return the settings of a model, besides its weights, that shape its completions and their rows."""
    return model.model_dump(mode="json", exclude=SHAPES_NO_COMPLETION) | {"rendering": RENDERING_VERSION}


def engine_name(model: Model, weights: Weights, precision: str = "full") -> str:
    """Return an identifier that is equal for stages that one running engine can serve."""
    machine = model.engine.model_dump(mode="json")
    loaded = [model.dtype, model.max_model_len, model.template, model.positions_given]
    return fingerprint([weights.location, weights.revision, precision, *loaded, machine])
