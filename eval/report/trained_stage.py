"""What the report shows of one training stage, and of the samples that it learned from."""

from dataclasses import dataclass

import numpy as np

from records.counts import JudgingCounts, SamplingCounts, SelectionCounts
from records.preflight import Preflight
from records.training_counts import TrainingCounts
from records.training_log import TrainingLog

AT_THE_END = 0.1
"""Share of the steps whose mean is the final loss: one step's alone would be noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedStage:
    """A stage with what its preflight found. Made by the flow, which alone may read student and eval; read by the
    page."""

    name: str
    method: str
    start: str
    """The weights it started from, in words: `the base` or a stage's name."""
    counts: TrainingCounts
    log: TrainingLog
    preflight: Preflight
    facts: list[tuple[str, str]]
    """What the preflight found, as name and words."""
    estimates: list[tuple[str, str, str]]
    """Quantity, estimate and measurement in words; empty if there was no estimate."""

    @property
    def final_loss(self) -> float:
        losses = self.log.logged("loss")
        return float(np.mean(losses[-max(1, round(AT_THE_END * len(losses))) :]))

    @property
    def tokens_per_s(self) -> float:
        """Over the whole training, with what was evaluated and saved in between."""
        return self.counts.tokens / self.counts.trainer_s if self.counts.trainer_s else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSampling:
    """What a training stage learned from that a model of the run sampled. Made by the flow; read by the report."""

    stage: str
    model: str
    """The model that was sampled, in words: `the base` or a stage's name."""
    sampled: SamplingCounts
    judged: JudgingCounts
    selected: SelectionCounts
