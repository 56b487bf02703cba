"""What a trained model ends in, by method: a language model's output layer, or the new head of a reward model."""

from dataclasses import dataclass
from typing import Any

from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoModelForTokenClassification
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING,
)

from configs.stages import RewardModelStage
from configs.training import Training


@dataclass(frozen=True)
class Head:
    """How a model with a head is loaded."""

    auto: Any
    """transformers' class that loads it."""
    task: str
    """peft's name of the task, by which an adapter also trains the head."""
    labels: int = 0
    """Outputs of a new head; 0 if the model has its own."""
    supported: Any = None
    """The classes of models by config, of those that can have a new head."""


WRITES = Head(AutoModelForCausalLM, "CAUSAL_LM")
HEADS = {
    "reward": Head(AutoModelForSequenceClassification, "SEQ_CLS", 1, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING),
    # TRL's process reward models: label 1 is a right step.
    "process_reward": Head(AutoModelForTokenClassification, "TOKEN_CLS", 2, MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING),
}
"""The heads of reward models, by method."""
NEW = ("score.", "classifier.")
"""How the names of a new head's weights begin; a language model's files lack them."""


def head_of(config: Training) -> Head:
    return HEADS[config.method] if isinstance(config, RewardModelStage) else WRITES


def missing_weights(config: Training, missing: list[str]) -> list[str]:
    """Return the missing weights that should have been in the model's files."""
    return sorted(name for name in missing if not (head_of(config).labels and name.startswith(NEW)))


def has_class(config: Training, model_config: Any) -> str:
    """Return why the model cannot have the stage's head; empty if it can."""
    head = head_of(config)
    if head.supported is None or type(model_config) in head.supported:
        return ""
    kind = "sequence" if head.labels == 1 else "token"
    return f"transformers has no {kind} classification of {model_config.model_type}: choose another base"
