"""Counts of trainings and of the datasets made for them, in the form of `records.counts`."""

from dataclasses import dataclass

from records.counts import Counts, ProblemsCounts

CPU = "cpu"
"""`TrainingCounts.device` without a GPU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsCounts(Counts):
    """Counts of a dataset made elsewhere that a training stage mixes in."""

    rows: int
    in_benchmark: int
    """Rows left out because a benchmark holds the same prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsCounts(Counts):
    """Counts of the replies that an outcome reward model is trained on. Made from judged traces or a table; read by
    people."""

    pairs: int
    """0 if each reply is right or wrong by itself."""
    accepted: int
    """Accepted or better replies that take part."""
    rejected: int
    problems: int
    left_out: dict[str, int]
    """Traces or rows left out, by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsCounts(Counts):
    """Counts of solutions whose steps are labelled. Made by their readers; read by people."""

    solutions: int
    steps: int
    labelled: int
    """Steps with a label."""
    right: int
    """Steps whose label is above 0.5."""
    left_out: dict[str, int]
    """Solutions left out, by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutCounts(LabelsCounts):
    """Counts of step labels made here, and what they cost."""

    rollouts: int
    failed: int
    """Rollouts that the sampler gave up, or for which the context had no room."""
    prompt_tokens: int
    """Of all rollouts, their given beginnings included."""
    completion_tokens: int
    """Tokens drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPart(Counts):
    """What one worker knows of the labels. It is all in the shards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCounts(Counts):
    """Counts of a training. Made by the trainer; read by people, in the report's lineage."""

    rows: int
    """Rows that the model was trained on."""
    dropped: dict[str, int]
    """Rows left out, by reason (`student.data.faults`)."""
    held_out_rows: int
    packs: int | None
    """Sequences that the rows of an epoch were packed into; None without packing."""
    steps: int
    best_step: int | None
    """The step whose weights were kept; None if they are the last step's."""
    loss: float
    """Mean over all steps, of all attempts, in nats per supervised token."""
    held_out_loss: float | None
    """The kept weights' loss on held-out problems; None if none are held out."""
    tokens: int
    supervised_tokens: int
    """Tokens with a loss. Both count each row as often as it was trained on."""
    parameters: int
    trainable_parameters: int
    dtype: str
    """Type of the saved weights."""
    device: str
    """What it ran on: CPU, or torch's name of the GPU."""
    merged_onto: str | None
    """The weights onto which adapters were merged; None if all weights were trained."""
    trainer_s: float
    """Wall time of all steps that count, over all attempts."""
    judged_right: float | None = None
    """Of a reward model, the share of held-out pairs, replies or steps that the kept weights judge right."""
    first_errors_found: float | None = None
    """Of a process reward model, the share of held-out solutions of which they find the first wrong step, or that there
    is none."""
    reward: float | None = None
    """Mean reward of the last tenth of the steps; None without reinforcement learning."""
    held_out_accuracy: list[float] | None = None
    """Share of the held-out problems that were solved before the first step and at the last evaluation; None without
    reinforcement learning, or if none are held out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchCounts(Counts):
    """Counts of a model made from random weights: its problems, and its training on their worked solutions."""

    problems: ProblemsCounts
    training: TrainingCounts
