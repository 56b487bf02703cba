"""Models trained from random weights within a run, for machines that cannot download any."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from configs.section import Section
from configs.sources import GeneratedProblems
from configs.training import Training

Solutions = Literal["worked", "restated", "bare"]


def whole(shares: dict[Solutions, float]) -> dict[Solutions, float]:
    if not math.isclose(total := sum(shares.values()), 1):
        raise ValueError(f"the shares must add up to 1, not to {total:g}")
    return shares


Mixture = Annotated[dict[Solutions, Annotated[float, Field(gt=0, le=1)]], AfterValidator(whole)]
"""The share of problems that are solved in each way."""


class Architecture(Section):
    """Size of an untrained Qwen3 model (transformers' `Qwen3Config`, with tied embeddings)."""

    hidden_size: int = Field(ge=8, le=1 << 16)
    intermediate_size: int = Field(ge=8, le=1 << 18)
    num_hidden_layers: int = Field(ge=1, le=1000)
    num_attention_heads: int = Field(ge=1, le=1024)
    num_key_value_heads: int = Field(ge=1, le=1024)
    head_dim: int = Field(ge=8, le=1024, multiple_of=8)
    vocab_size: int = Field(ge=270, le=1 << 20)
    """Size of the byte-level BPE tokenizer trained with it: 256 bytes, 5 tags, the rest merges."""
    max_position_embeddings: int = Field(default=2048, ge=16, le=1 << 24)
    initializer_range: float = Field(default=0.02, gt=0)
    """Standard deviation of the random weights. transformers' default suits wide models; a narrow one learns several
    times as fast from a larger one (docs/measurements/seeds.md)."""


class Scratch(Section):
    """Train the model from random weights on solutions written by a program, if no weights can be downloaded."""

    architecture: Architecture
    problems: list[GeneratedProblems] = Field(min_length=1)
    solutions: Solutions | Mixture
    """`worked`: steps inside `<think>`, then the boxed answer. `restated`: the question's expression and the boxed
    answer, without steps, so that the model learns to copy. `bare`: the boxed answer alone. Several of them with their
    shares, as in `{worked: 0.3, restated: 0.7}`, make a model that now and then reasons."""
    tokenizer: Literal["own", "teacher"] = "own"
    """`own` is a byte-level BPE trained on these solutions. `teacher` takes the teacher's, so that the teacher's logits
    can be distilled (docs/training.md)."""
    training: Training
