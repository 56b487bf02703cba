"""Checks on the model itself that rows packed together do not see each other."""

from typing import Any

import torch

from records.attention import DENSE
from records.errors import InputError

FIRST, OTHER, LAST = (3, 4, 5, 6, 7), (8, 9, 10, 11, 12), (5, 9, 6)
TOLERANCE = 0.05
"""Share of the largest logit by which those of a row may change with the row before it: some 0.01 where 16 bits round
otherwise, as in mixtures of experts, and over 0.5 in models that see the other row (76 architectures, random weights).
"""


def check_isolation(model: Any, path: str) -> None:
    """Check that a row's logits are the same whatever stands before it in its pack.

    transformers keeps rows apart where a model builds its mask from the positions, and some models do not. Those that
    are known are refused before (`student.data.packs`), this finds the others. A kernel that takes the rows' boundaries
    is not asked, and neither is a model whose weights are divided among processes (zero3). Errors: InputError.
    """
    divided = any(weight.is_meta or not weight.numel() for weight in model.parameters())
    if model.config._attn_implementation not in DENSE or divided:
        return
    one, another = (last_row(model, before) for before in (FIRST, OTHER))
    if (one - another).abs().max() > TOLERANCE * one.abs().max():
        raise InputError(
            f"{path}: rows packed together would see each other, because {model.config.model_type} does not build its "
            "mask from the positions; set training.settings.packing: false"
        )


@torch.no_grad()
def last_row(model: Any, before: tuple[int, ...]) -> torch.Tensor:
    """Return the logits of the row LAST, packed behind another one."""
    positions = [*range(len(before)), *range(len(LAST))]
    ids, at = (torch.tensor([row], device=model.device) for row in ((*before, *LAST), positions))
    logits: torch.Tensor = model(input_ids=ids, position_ids=at, use_cache=False).logits[0, len(before) :]
    return logits.float()
