"""Solutions whose steps are labelled right or wrong."""

from dataclasses import dataclass

import pyarrow as pa

STEPS = "steps*.parquet"
"""The files of an artifact that hold them."""
IMPORTED = "steps.parquet"
SOLUTION = pa.schema(
    [
        ("source", pa.string()),
        ("problem_id", pa.string()),
        ("attempt", pa.int32()),
        ("sample_index", pa.int32()),
        ("prompt", pa.string()),
        ("steps", pa.list_(pa.string())),
        ("labels", pa.list_(pa.float64())),
    ]
)
"""A row for each solution, with the ids that lead back to its trace, or in `sample_index` to its row."""


@dataclass(frozen=True)
class LabelledSolution:
    """Steps of one solution with a label for each. Made by the readers in `student/data/step_labels`; read by the
    training of process reward models and by benches of scorers."""

    problem: str
    steps: tuple[str, ...]
    labels: tuple[float | None, ...]
    """One for each step: 1.0 right, 0.0 wrong, between them the share of rollouts from there that reached the
    reference; None where nobody labelled. What follows the first wrong step is labelled as each form does it."""
    source: str
    """The form, and what the form distinguishes: `prmbench/circular`."""
