"""A model's output layer, cut to the rows that belong to tokens, and what follows it on the way to logits."""

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class OutputLayer:
    """What makes logits of hidden states: `softcap * tanh(scale * (weight @ hidden + bias) / softcap)`."""

    weight: torch.Tensor
    """(tokens, hidden)"""
    bias: torch.Tensor | None
    scale: float
    softcap: float | None

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return logits (n, tokens) in float32 of hidden states (n, hidden)."""
        found = torch.nn.functional.linear(hidden, self.weight, self.bias).float() * self.scale
        return found if self.softcap is None else self.softcap * torch.tanh(found / self.softcap)


def output_layer(model: Any, tokens: int) -> OutputLayer:
    """Return a model's output layer for the first `tokens` ids.

    Vocabularies are padded to different sizes (Qwen2.5: 151,936 or 152,064 rows), and a row without a token has a
    probability too: cut on both sides, the models compare what they have in common.
    """
    head = model.get_output_embeddings()
    bias = None if head.bias is None else head.bias[:tokens]
    config = model.config.get_text_config().to_dict()
    return OutputLayer(head.weight[:tokens], bias, logit_scale(config), config.get("final_logit_softcapping"))


def logit_scale(config: dict[str, Any]) -> float:
    """Return the factor on the logits, which models name and define differently (DistillationTrainer._compute_loss)."""
    for name in ("logit_scale", "output_multiplier", "lm_head_multiplier"):
        if config.get(name) is not None:
            return float(config[name])
    if config.get("logits_scaling") is None:
        return 1.0
    scaling = float(config["logits_scaling"])
    return scaling if config["model_type"] == "hyperclovax" else 1 / scaling


def backbone_of(model: Any) -> Any:
    """Return the part of a model, with or without adapters, that makes hidden states."""
    from peft import PeftModel

    plain: Any = model.base_model.model if isinstance(model, PeftModel) else model
    return plain.base_model
