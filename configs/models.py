"""Teachers, students, the engine that samples them, and models trained from nothing on the spot."""

from typing import Literal

from pydantic import Field, PositiveFloat, model_validator

from configs.prompt import Prompt
from configs.section import Section
from configs.sources import GeneratedProblems, TraceFile
from configs.training import Training

Dtype = Literal["auto", "bfloat16", "float16", "float32"]


class Engine(Section):
    """How vLLM runs on this machine. Nothing here shapes a completion, so none of it enters an artifact's identity."""

    tensor_parallel_size: int = Field(default=1, ge=1)
    gpu_memory_utilization: float = Field(default=0.9, gt=0, le=1)
    max_num_seqs: int = Field(default=256, ge=1)
    """Completions in flight."""
    cpu_kv_cache_gib: int = Field(default=1, ge=1)
    """KV cache on a machine without GPU."""
    enforce_eager: bool = False
    """Skip graph capture and compilation: slower tokens, faster start."""


class Architecture(Section):
    """Size of a Qwen3 model made from nothing (transformers `Qwen3Config`; embeddings tied)."""

    hidden_size: int = Field(ge=8)
    intermediate_size: int = Field(ge=8)
    num_hidden_layers: int = Field(ge=1)
    num_attention_heads: int = Field(ge=1)
    num_key_value_heads: int = Field(ge=1)
    head_dim: int = Field(ge=8, multiple_of=8)
    vocab_size: int = Field(ge=270)
    """Of the byte-level BPE tokenizer trained with it: 256 bytes, 5 tags, the rest merges."""
    max_position_embeddings: int = Field(default=2048, ge=16)


class Scratch(Section):
    """Train the model from nothing on solutions written by a program, because no weights can be downloaded."""

    architecture: Architecture
    problems: list[GeneratedProblems] = Field(min_length=1)
    solutions: Literal["worked", "bare"]
    """`worked`: steps inside `<think>`, then the boxed answer. `bare`: the boxed answer alone."""
    training: Training


class Model(Section):
    """Weights to load, or to make from nothing."""

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
    prompt: Prompt = Prompt()
    """A family's name, a file, or the fields themselves."""
    thinks: bool = True
    """Whether completions reason before they answer. If not, the whole completion is the answer."""
    engine: Engine = Engine()

    @model_validator(mode="after")
    def has_one_origin(self) -> "Model":
        if (self.path is None) == (self.scratch is None):
            raise ValueError("give either path (existing weights) or scratch (train from nothing)")
        return self


class VllmTeacher(Model):
    """A teacher sampled with vLLM in process."""

    kind: Literal["vllm"]


class RecordedTeacher(Section):
    """Traces recorded elsewhere stand in for sampling."""

    kind: Literal["recorded"]
    name: str
    files: list[TraceFile] = Field(min_length=1)


class FakeTeacher(Section):
    """Deterministic completions without a model, for tests and dry runs of a pipeline."""

    kind: Literal["fake"]
    name: str = "fake"
    accuracy: float = Field(default=0.7, ge=0, le=1)
    """Share of completions that carry the reference."""
    spread: tuple[PositiveFloat, PositiveFloat] | None = None
    """Instead of one accuracy a pass rate of its own for every problem, from Beta(a, b): `[0.6, 0.35]` makes many easy
    ones and a hard tail."""
    unclosed: float = Field(default=0.05, ge=0, le=1)
    """Share of completions cut off inside the reasoning."""
    failures: float = Field(default=0.0, ge=0, le=1)
    """Share of requests that fail."""
    steps: int = Field(default=30, ge=3)
    """Longest reasoning in words; the shortest has three."""
    latency_s: float = Field(default=0.0, ge=0)
    """Mean seconds per completion: the longer its text, the longer it takes."""
    in_flight: int = Field(default=256, ge=1)
    """Completions at a time."""


class Student(Model):
    """The model that is fine-tuned. `thinks` says whether its base reasons; the distilled student always does."""

    @model_validator(mode="after")
    def is_trained_as_it_is_asked(self) -> "Student":
        if self.prompt.chat_template_kwargs or self.prompt.reasoning_format != "think":
            raise ValueError(
                "prompt: training renders the chat template without arguments and reasoning as <think>; give the "
                "student a prompt without chat_template_kwargs and reasoning_format, such as r1"
            )
        return self
