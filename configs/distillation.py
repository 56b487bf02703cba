"""What a stage of `method: distill` learns from: prompts, and the model whose token probabilities it takes over."""

from typing import Literal

from pydantic import ConfigDict, Field

from configs.section import Section

OWN = "teacher"
"""Stands for the run's own teacher where a model is named."""


class Prompts(Section):
    """The prompts that the student answers while it is trained."""

    model_config = ConfigDict(serialize_by_alias=True)

    origin: Literal["problems"] = Field(default="problems", alias="from")
    """`problems` are the run's own, with the student's prompt."""
    limit: int | None = Field(default=None, ge=1)
    """Take at most this many problems, the first ones."""


class DistilledModel(Section):
    """A model whose token probabilities are distilled, beside the run's own teacher and its earlier stages."""

    path: str
    """A local model directory or a Hugging Face name (`owner/name`)."""
    revision: str | None = None
    """Commit or tag of a Hugging Face name; pin it for runs that must be repeatable."""
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "bfloat16"
    """Type of the weights; `auto` is the checkpoint's own."""
    server: str | None = None
    """Address of a vLLM server of this model (`vllm serve`), such as http://host:8000, which then answers instead of
    weights in the training's own memory. `path` still names its tokenizer, which is compared."""
