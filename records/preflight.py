"""What is known about a training before its model is loaded. Made by `student.data.preflight`; read by the train stage,
the report and the cards."""

import json
from dataclasses import dataclass
from pathlib import Path

from records.artifact import from_json
from records.counts import Counts
from records.errors import InputError

FILE = "preflight.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped(Counts):
    """Rows that are left out for one reason."""

    rows: int
    first: list[str]
    """The ids of the first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths(Counts):
    """Tokens of a row, prompt, completion and stop token together; over the rows that are trained on."""

    shortest: int
    median: int
    p95: int
    longest: int
    histogram: dict[str, int]
    """Number of rows by the power of two that their length does not exceed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialTokens(Counts):
    """Tokens with a role in the student, and the sizes of its vocabulary and context."""

    stop: str
    """Ends every row."""
    ends: list[str]
    """All tokens at which base and student end a completion, the stop token first."""
    pad: str
    vocabulary: int
    """Tokens of the tokenizer."""
    embedding_rows: int
    """`vocab_size` of the model's config."""
    context: int | None
    """Longest sequence that the model's positions are made for; None if its config has no bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate(Counts):
    """What the training will take, on whatever machine. Made by `student.cost.estimating`."""

    memory_bytes: int
    """Peak memory of one GPU."""
    moment: str
    """Where in a step the peak is: output_layer, last_layer, first_layer, embedding or step."""
    tokens: int
    """Tokens of all steps."""
    flops: float
    """Floating-point operations of all steps, without recomputation."""
    processes: int = 1
    """GPUs that share the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight(Counts):
    """Everything that was found. A training with `refusals` must not start."""

    rows: int
    trained: int
    """Rows that are trained on, each epoch."""
    dropped: dict[str, Dropped]
    """Rows left out, by reason (`student.data.faults`)."""
    no_think: int
    """Trained rows whose prompt asks for an answer without reasoning."""
    switch: str
    """How such a prompt asks."""
    quoting: int
    """Trained rows whose text quotes a special token, which is trained as ordinary text."""
    duplicates: int
    """Trained rows with the same tokens as an earlier one."""
    tokens: int
    supervised_tokens: int
    """Tokens of the trained rows that the loss covers."""
    lengths: Lengths | None
    """None if no row is trained on."""
    special_tokens: SpecialTokens | None
    """None if the tokenizer lacks one; the refusal says which."""
    notes: list[str]
    """What is worth knowing and no reason to refuse."""
    refusals: list[str]
    """Why the training must not start, each with what to change."""
    cost: CostEstimate | None
    """None if there is no estimate; a note says why."""


def read_preflight(folder: Path) -> Preflight:
    """Read the preflight of a trained student. Errors: InputError if another version of Retort wrote it."""
    file = folder / FILE
    try:
        return from_json(Preflight, json.loads(file.read_text()))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: not readable ({error}); delete {folder} to train again") from error
