"""Scores of traces: numbers of a reward model or a check, beside the verdicts. A score accepts and rejects nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from records.parquet import read_batches, read_rows

OVER_STEPS = ("mean", "min", "product", "last")
"""What is computed over the scores of a trace's steps."""
OUTCOME = "outcome"

NO_STEPS = "no_steps"
"""Left out by a scorer: the trace has no text."""
TOO_LONG = "too_long"
"""Left out: prompt and trace exceed the scorer's context. They are never cut."""
SPECIAL_TOKEN = "special_token"
"""Left out: written as tokens, the trace holds marks of its own, or a token that the model does not have."""
NOT_FINITE = "not_finite"
"""Left out: a score of it is NaN or infinite, as where a number overflows in float16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceScore:
    """What one scorer says of one trace. Made by the scoring stage, a row for each row of the judged traces, in their
    order; read by selection, rerankers and the report."""

    problem_id: str
    attempt: int
    sample_index: int
    scorer: str
    """Its name in the config's `scorers`."""
    steps: list[float | None]
    """A score for each step; None for a step that the scorer does not decide. Empty for a scorer of whole traces."""
    ends: list[int]
    """Where each step ends, in characters of the reasoning with the answer right behind it."""
    mean: float | None
    min: float | None
    product: float | None
    last: float | None
    """Over the steps that have a score; None if none has."""
    outcome: float | None
    """The score of the whole trace, between 0 and 1; None for a scorer of steps."""
    left_out: str | None
    """Why the scorer did not read the trace: `no_steps`, `too_long`, `special_token` or `not_finite`; None if
    it did."""
    tokens: int
    """Tokens that the scorer read; 0 for one without a model."""


SCORE = pa.schema(
    [
        ("problem_id", pa.string()),
        ("attempt", pa.int32()),
        ("sample_index", pa.int32()),
        ("scorer", pa.string()),
        ("steps", pa.list_(pa.float64())),
        ("ends", pa.list_(pa.int32())),
        *((name, pa.float64()) for name in (*OVER_STEPS, OUTCOME)),
        ("left_out", pa.string()),
        ("tokens", pa.int32()),
    ]
)


def read_trace_scores(path: Path) -> Iterator[TraceScore]:
    return (TraceScore(**row) for row in read_rows(path))


def read_aggregates(path: Path, aggregate: str) -> NDArray[np.float64]:
    """Return one value per row, NaN where the scorer gave none. `aggregate` is one of OVER_STEPS or OUTCOME."""
    batches = [batch[aggregate].to_numpy(zero_copy_only=False) for batch in read_batches(path, [aggregate])]
    return np.concatenate(batches).astype(np.float64) if batches else np.zeros(0)
