"""Models with weights: the student, and the settings that a vLLM teacher shares with it."""

from typing import Literal

from pydantic import Field, model_validator

from configs.prompt import Prompt
from configs.scratch import Scratch
from configs.section import Section
from configs.template import ChatTemplate

Dtype = Literal["auto", "bfloat16", "float16", "float32"]


class Engine(Section):
    """How vLLM runs on this machine. These settings change no completion, so they enter no artifact's identity."""

    tensor_parallel_size: int = Field(default=1, ge=1)
    gpu_memory_utilization: float = Field(default=0.9, gt=0, le=1)
    max_num_seqs: int = Field(default=256, ge=1)
    """Number of completions in flight at a time."""
    cpu_kv_cache_gib: int = Field(default=1, ge=1)
    """Size of the KV cache on a machine without a GPU."""
    enforce_eager: bool = False
    """Skip graph capture and compilation: slower tokens, faster start."""


class Model(Section):
    """A model whose weights are loaded, or trained from random ones."""

    name: str
    """Short name, used in paths, rows and reports."""
    path: str | None = None
    """A local model directory or a Hugging Face name (`owner/name`)."""
    revision: str | None = None
    """Commit or tag of a Hugging Face name; pin it for runs that must be repeatable."""
    scratch: Scratch | None = None
    dtype: Dtype = "bfloat16"
    max_model_len: int = Field(default=32768, ge=16)
    """Context in tokens: prompt and completion together."""
    template: ChatTemplate | None = None
    """The chat template of a model without one: chatml, llama3, gemma, phi4, mistral or a file (docs/training.md).
    `null` keeps the tokenizer's own."""
    prompt: Prompt = Prompt()
    """The name of a family in configs/prompts/, a file, or the fields themselves."""
    thinks: bool = True
    """True if completions reason before they answer; if not, the whole completion is the answer."""
    engine: Engine = Engine()

    @model_validator(mode="after")
    def has_one_origin(self) -> "Model":
        if (self.path is None) == (self.scratch is None):
            raise ValueError("give either path (existing weights) or scratch (train from nothing)")
        return self


class MixedReasoning(Section):
    """A student that reasons unless it is told not to."""

    no_think_share: float = Field(gt=0, lt=1)
    """Share of the problems whose traces are trained as an answer alone, to a prompt that says so."""


class Student(Model):
    """The model that is fine-tuned. `thinks` is true if its base reasons."""

    reasoning: Literal["visible", "hidden"] | MixedReasoning = "visible"
    """What of a trace is trained: reasoning and answer, the answer alone, or each for a share of the problems."""
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    """Type in which the trained weights are saved, scored and published. It is named, because vLLM's `auto` is another
    one on another GPU."""

    @property
    def thinks_once_trained(self) -> bool:
        return self.reasoning != "hidden"

    @model_validator(mode="after")
    def is_trained_as_it_is_asked(self) -> "Student":
        if self.prompt.chat_template_kwargs or self.prompt.reasoning_format != "think":
            raise ValueError(
                "prompt: training renders the chat template without arguments and reasoning in think tags; give the "
                "student a prompt without chat_template_kwargs and reasoning_format, such as r1"
            )
        return self
