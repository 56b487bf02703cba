"""How scores come out of a reward model: one function for each kind of head. Only the positions that are asked for pass
through it, because logits over a whole vocabulary at every token would take more memory than the model."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, relu
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from filters.scorers.forms import QWEN_HEAD, VALUE_HEAD
from filters.scorers.loading import load_model, read_tensors
from records.errors import InputError

Places = tuple[Tensor, Tensor]
"""Rows and columns of the positions that are read, [n] each."""
Head = Callable[[Tensor, Tensor, Places], Tensor]
"""Returns the scores at some positions, [n], between 0 and 1, from ids and attention mask, [rows, length] each."""
Labels = tuple[int, int]
"""The tokens of a right and of a wrong step."""


def token_labels(folder: Path, dtype: str, labels: Labels | None) -> tuple[Any, Head]:
    """The probability of label 1 of a token classification with two labels."""
    model = load_model(AutoModelForTokenClassification, folder, dtype)

    def read(ids: Tensor, mask: Tensor, places: Places) -> Tensor:
        return share(model(input_ids=ids, attention_mask=mask).logits[places].float(), 1)

    return model, read


def two_layers(folder: Path, dtype: str, labels: Labels | None) -> tuple[Any, Head]:
    """The probability of label 1 of two linear layers with a ReLU between them (Qwen2.5-Math-PRM)."""
    model = load_model(AutoModel, folder, dtype)
    weight, bias, last_weight, last_bias = (tensor.to(model.device) for tensor in read_tensors(folder, QWEN_HEAD))
    inner = weight.shape[0] if weight.dim() else 0
    check_shapes(folder, QWEN_HEAD, (weight, bias, last_weight, last_bias), ((inner, None), (inner,), (2, inner), (2,)))

    def read(ids: Tensor, mask: Tensor, places: Places) -> Tensor:
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state[places].to(weight.dtype)
        return share(linear(relu(linear(hidden, weight, bias)), last_weight, last_bias).float(), 1)

    return model, read


def value_head(folder: Path, dtype: str, labels: Labels | None) -> tuple[Any, Head]:
    """The sigmoid of one value (Skywork-o1-Open-PRM)."""
    model = load_model(AutoModel, folder, dtype)
    weight, bias = (tensor.to(model.device) for tensor in read_tensors(folder, VALUE_HEAD))
    check_shapes(folder, VALUE_HEAD, (weight, bias), ((1, None), (1,)))

    def read(ids: Tensor, mask: Tensor, places: Places) -> Tensor:
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state[places].to(weight.dtype)
        return probability(linear(hidden, weight, bias).float()[:, 0])

    return model, read


def two_tokens(folder: Path, dtype: str, labels: Labels | None) -> tuple[Any, Head]:
    """The probability of one token against another of a language model (RLHFlow, Math-Shepherd)."""
    assert labels is not None, "the form names its two tokens"
    model = load_model(AutoModelForCausalLM, folder, dtype)
    weight = model.get_output_embeddings().weight[list(labels)]

    def read(ids: Tensor, mask: Tensor, places: Places) -> Tensor:
        hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state[places]
        return share(linear(hidden, weight).float(), 0)

    return model, read


def outcome_head(folder: Path, dtype: str, pad: int) -> tuple[Any, Callable[[Tensor, Tensor], Tensor]]:
    """The sigmoid of the one label of a sequence classification, [rows]: in double precision, because rewards of 20 are
    no rarity. It reads the last token that is not the padding of the model's config, or else `pad`."""
    model = load_model(AutoModelForSequenceClassification, folder, dtype)
    if model.config.pad_token_id is None:
        model.config.pad_token_id = pad

    def read(ids: Tensor, mask: Tensor) -> Tensor:
        return probability(model(input_ids=ids, attention_mask=mask).logits[:, 0].double())

    return model, read


def probability(logits: Tensor) -> Tensor:
    """Return the sigmoid; NaN for an infinite logit, which a broken model gives and which would be a perfect score."""
    return torch.where(logits.isfinite(), logits.sigmoid(), torch.nan)


def share(logits: Tensor, label: int) -> Tensor:
    """Return the probability of a label, [n], by logits, [n, labels]; NaN beside an infinite one, as above."""
    return torch.where(logits.isfinite().all(-1), logits.softmax(-1)[:, label], torch.nan)


def check_shapes(
    folder: Path, names: Sequence[str], tensors: Sequence[Tensor], shapes: Sequence[tuple[int | None, ...]]
) -> None:
    """Check the tensors of a head against shapes, where None is any size: other ones would be broadcast. Errors:
    InputError."""
    for name, tensor, shape in zip(names, tensors, shapes, strict=True):
        fits = len(tensor.shape) == len(shape)
        if not fits or any(wanted not in (None, size) for wanted, size in zip(shape, tensor.shape, strict=True)):
            told = " x ".join("any" if size is None else str(size) for size in shape)
            raise InputError(
                f"{folder}: its {name} has the shape {list(tensor.shape)}, and this form's is {told}; set the form of "
                "this model"
            )


HEADS: dict[str, Callable[[Path, str, Labels | None], tuple[Any, Head]]] = {
    "token_labels": token_labels,
    "two_layers": two_layers,
    "value_head": value_head,
    "two_tokens": two_tokens,
}


def padded(rows: list[list[int]], pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return ids and attention mask, padded on the right: behind the last token of a causal model nothing is read."""
    longest = max(map(len, rows))
    ids = torch.tensor([row + [pad] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return ids.to(device), mask.to(device)
