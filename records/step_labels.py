"""A solution whose steps are labelled right or wrong."""

from dataclasses import dataclass


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
