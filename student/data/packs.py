"""Refuses packs for models in which the rows of one would see each other."""

from typing import Any

from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

from configs.training import Training
from records.attention import DENSE
from student.methods.settings import settings_of

WITH_STATE = {"conv", "linear_attention", "hybrid", "hybrid_sliding"}
"""Kinds of layers (transformers/configuration_utils.py) that carry a state from token to token."""
WITHOUT_POSITIONS = {"afmoe", "biogpt", "bloom", "falcon", "gpt_oss", "mpt", "opt", "xglm"}
"""Models that build their mask without the positions (transformers 5.19, calls of `create_causal_mask`)."""


def rows_stay_apart(config: Any, training: Training) -> str:
    """Refuse packs for models with recurrent layers, because only attention is told where a row begins, and for those
    whose attention is not told either."""
    settings = settings_of(training)
    if not (settings.get("packing") or settings.get("eval_packing")):
        return ""
    if has_state(config):
        why = f"{config.model_type} has layers that carry a state from token to token"
    elif config.model_type in WITHOUT_POSITIONS and training.attn_implementation in DENSE:
        why = f"{config.model_type} does not build its mask from the positions"
    else:
        return ""
    return f"rows packed together would see each other: {why}; set training.settings.packing: false"


def has_state(config: Any) -> bool:
    """Return True for recurrent models: Qwen3.5, LFM2, Granite 4, Falcon-H1."""
    made: Any = MODEL_FOR_CAUSAL_LM_MAPPING.get(type(config), None)
    kinds = {*(config.get_text_config().to_dict().get("layer_types") or [])}
    return bool(WITH_STATE & kinds or (made and made._is_stateful))
