"""Models with weights: the student, and the settings that a vLLM teacher shares with it."""

from typing import Literal

from pydantic import Field, model_validator

from configs.prompt import Prompt
from configs.scratch import Scratch
from configs.section import MOST_PROCESSES, Section
from configs.template import ChatTemplate

Dtype = Literal["auto", "bfloat16", "float16", "float32"]


class Engine(Section):
    """How vLLM runs on this machine. These settings change no completion, so they enter no artifact's identity."""

    tensor_parallel_size: int = Field(default=1, ge=1, le=MOST_PROCESSES)
    """Number of GPUs that the model is split over."""
    gpu_memory_utilization: float = Field(default=0.9, gt=0, le=1)
    """Share of a GPU's memory that vLLM takes."""
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
    """Type of the weights; `auto` is the checkpoint's own."""
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

    @property
    def positions_given(self) -> int | None:
        """Positions that the run gives the model; None if it keeps its own."""
        return None

    @model_validator(mode="after")
    def has_one_origin(self) -> "Model":
        if (self.path is None) == (self.scratch is None):
            raise ValueError("give either path (existing weights) or scratch (train from nothing)")
        return self


class Positions(Section):
    """Positions for rows longer than those that the base was made for. The student's own config.json says them."""

    max_position_embeddings: int = Field(ge=16)
    """Longest sequence in tokens. Within its own positions the base computes what it always did."""
    rope_theta: float | None = Field(default=None, gt=0)
    """Base of the rotary angles in training, and so of the student; a larger one turns them more slowly. `null` keeps
    the base's, and the base is measured with its own."""


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

    positions: Positions | None = None
    """More positions than the base has: Qwen2.5-Math ends at 4,096. `null` keeps its own."""

    @property
    def thinks_once_trained(self) -> bool:
        return self.reasoning != "hidden"

    @property
    def positions_given(self) -> int | None:
        return self.positions.max_position_embeddings if self.positions else None

    @model_validator(mode="after")
    def has_positions_for_its_context(self) -> "Student":
        if self.positions and self.scratch:
            raise ValueError("positions: set scratch.architecture.max_position_embeddings instead")
        if self.positions and self.positions.max_position_embeddings < self.max_model_len:
            raise ValueError(
                f"positions.max_position_embeddings: must be at least max_model_len ({self.max_model_len})"
            )
        return self

    @model_validator(mode="after")
    def is_trained_as_it_is_asked(self) -> "Student":
        if self.prompt.chat_template_kwargs or self.prompt.reasoning_format != "think":
            raise ValueError(
                "prompt: training renders the chat template without arguments and reasoning in think tags; give the "
                "student a prompt without chat_template_kwargs and reasoning_format, such as r1"
            )
        return self
